// Records what upstream's libraries answer, for the tests of this crate to compare with. See ../README.md.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/util/jsonpath"
)

type answer map[string]any

func try(f func() (any, error)) (result answer) {
	defer func() {
		if r := recover(); r != nil {
			result = answer{"panic": fmt.Sprint(r)}
		}
	}()
	out, err := f()
	if err != nil {
		return answer{"error": err.Error()}
	}
	return answer{"ok": out}
}

func evaluate(template string, data any, allow, asJSON bool) answer {
	return try(func() (any, error) {
		j := jsonpath.New("out").AllowMissingKeys(allow)
		j.EnableJSONOutput(asJSON)
		if err := j.Parse(template); err != nil {
			return nil, err
		}
		var buffer bytes.Buffer
		err := j.Execute(&buffer, data)
		return buffer.String(), err
	})
}

func main() {
	var input struct {
		Data       json.RawMessage
		Jsonpath   []string
		Selectors  []string
		Quantities []string
		ThreeWay   [][3]json.RawMessage
	}
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		panic(err)
	}
	out := []any{}
	for _, template := range input.Jsonpath {
		var data any
		if err := utiljson.Unmarshal(input.Data, &data); err != nil {
			panic(err)
		}
		out = append(out, answer{"in": template, "strict": evaluate(template, data, false, false),
			"relaxed": evaluate(template, data, true, false), "json": evaluate(template, data, true, true)})
	}
	for _, text := range input.Selectors {
		out = append(out, answer{"in": text, "out": try(func() (any, error) {
			s, err := labels.Parse(text)
			if err != nil {
				return nil, err
			}
			return s.String(), nil
		})})
	}
	for _, text := range input.Quantities {
		out = append(out, answer{"in": text, "out": try(func() (any, error) {
			q, err := resource.ParseQuantity(text)
			if err != nil {
				return nil, err
			}
			sum, product := q.DeepCopy(), q.DeepCopy()
			sum.Add(resource.MustParse("1500m"))
			product.Sub(resource.MustParse("1Ki"))
			return []any{q.String(), fmt.Sprint(q.Value()), fmt.Sprint(q.MilliValue()), sum.String(), product.String()}, nil
		})})
	}
	for _, docs := range input.ThreeWay {
		out = append(out, answer{"in": docs, "out": try(func() (any, error) {
			patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(docs[0], docs[1], docs[2])
			return json.RawMessage(patch), err
		})})
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for _, item := range out {
		if err := encoder.Encode(item); err != nil {
			panic(err)
		}
	}
}
