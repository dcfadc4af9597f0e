// Prints the order and the zero values of the fields of Kubernetes' Go structs, as src/printers/typed.tsv keeps them:
//
//	go run . > ../../src/printers/typed.tsv
package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
)

var structs = map[string]string{}

func name(t reflect.Type) string {
	parts := strings.Split(t.PkgPath(), "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/") + "." + t.Name()
}

// kind is what a column says of a field's values: a struct, a quantity, or a map of them.
func kind(t reflect.Type) string {
	switch {
	case t == reflect.TypeOf(resource.Quantity{}):
		return "quantity"
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice:
		return kind(t.Elem())
	case t.Kind() == reflect.Map:
		if of := kind(t.Elem()); of != "" {
			return "map:" + of
		}
	case t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(reflect.TypeFor[json.Marshaler]()):
		visit(t)
		return name(t)
	}
	return ""
}

func columns(t reflect.Type, zero map[string]json.RawMessage) (out []string) {
	for i := range t.NumField() {
		field := t.Field(i)
		tag := field.Tag.Get("json")
		word, _, _ := strings.Cut(tag, ",")
		if word == "-" || tag == "" && !field.Anonymous {
			continue
		}
		if word == "" {
			of := field.Type
			if of.Kind() == reflect.Pointer {
				of = of.Elem()
			}
			out = append(out, columns(of, zero)...)
			continue
		}
		column := word
		if value, always := zero[word]; always {
			if strings.HasPrefix(string(value), "{") {
				value = []byte("{}")
			}
			column += "!" + string(value)
		} else if field.Type.Kind() == reflect.Pointer {
			column += "*"
		}
		if of := kind(field.Type); of != "" {
			column += "=" + of
		}
		out = append(out, column)
	}
	return out
}

func visit(t reflect.Type) {
	if _, seen := structs[name(t)]; seen {
		return
	}
	structs[name(t)] = ""
	text, err := json.Marshal(reflect.New(t).Interface())
	if err != nil {
		panic(err)
	}
	zero := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &zero); err != nil {
		panic(err)
	}
	structs[name(t)] = strings.Join(columns(t, zero), "\t")
}

func main() {
	for gvk, t := range scheme.Scheme.AllKnownTypes() {
		stable := gvk.Version == "v1" || gvk.Version == "v2"
		object := !strings.HasSuffix(gvk.Kind, "List") && !strings.HasSuffix(gvk.Kind, "Options")
		if _, has := t.FieldByName("ObjectMeta"); stable && object && has {
			visit(t)
		}
	}
	visit(reflect.TypeFor[metav1.APIResourceList]())
	fmt.Println("# The fields of Kubernetes' Go structs in the order in which encoding/json writes typed objects: a struct, then its")
	fmt.Println("# fields. `!` and a value: written even if it is not set, so; `*`: a pointer, written even if what it points to is")
	fmt.Println("# empty. Behind `=` stands what the values are: a struct, a quantity, `map:` of a map's values. Made by scripts/typed.")
	names := make([]string, 0, len(structs))
	for n := range structs {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Println(n + "\t" + structs[n])
	}
}
