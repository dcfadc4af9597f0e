// Records what upstream's libraries answer, for the tests of this crate to compare with. See ../README.md.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
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

var kinds = map[string]any{
	"Deployment": appsv1.Deployment{}, "Pod": corev1.Pod{}, "Service": corev1.Service{},
	"ConfigMap": corev1.ConfigMap{}, "ServiceAccount": corev1.ServiceAccount{},
}

type strategicCase struct {
	Kind                               string          `json:"kind"`
	Original, Modified, Current, Patch json.RawMessage `json:",omitempty"`
}

func strategic(c strategicCase) answer {
	schema, err := strategicpatch.NewPatchMetaFromStruct(kinds[c.Kind])
	if err != nil {
		panic(err)
	}
	raw := func(patch []byte, err error) (any, error) { return json.RawMessage(patch), err }
	out := answer{"in": c}
	if c.Patch != nil {
		out["apply"] = try(func() (any, error) {
			return raw(strategicpatch.StrategicMergePatchUsingLookupPatchMeta(c.Original, c.Patch, schema))
		})
		return out
	}
	out["twoWay"] = try(func() (any, error) {
		return raw(strategicpatch.CreateTwoWayMergePatchUsingLookupPatchMeta(c.Current, c.Modified, schema))
	})
	for name, overwrite := range map[string]bool{"threeWay": true, "careful": false} {
		out[name] = try(func() (any, error) {
			return raw(strategicpatch.CreateThreeWayMergePatch(c.Original, c.Modified, c.Current, schema, overwrite))
		})
	}
	if patch, ok := out["threeWay"].(answer)["ok"]; ok {
		out["apply"] = try(func() (any, error) {
			return raw(strategicpatch.StrategicMergePatchUsingLookupPatchMeta(c.Current, patch.(json.RawMessage), schema))
		})
	}
	return out
}

func main() {
	var input struct {
		Data       json.RawMessage
		Jsonpath   []string
		Selectors  []string
		Quantities []string
		ThreeWay   [][3]json.RawMessage
		Strategic  []strategicCase
		JSONPatch  []json.RawMessage
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
	for _, operations := range input.JSONPatch {
		out = append(out, answer{"in": operations, "out": try(func() (any, error) {
			patch, err := jsonpatch.DecodePatch(operations)
			if err != nil {
				return nil, err
			}
			patched, err := patch.Apply(input.Data)
			return json.RawMessage(patched), err
		})})
	}
	for _, c := range input.Strategic {
		out = append(out, strategic(c))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for _, item := range out {
		if err := encoder.Encode(item); err != nil {
			panic(err)
		}
	}
}
