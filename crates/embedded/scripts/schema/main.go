// Prints the fields of the built-in kinds as Go's encoding/json sees them: one line a struct, its name and its fields in order.
// The embedded API server decodes and encodes by it: unknown fields, types, what is omitted when empty, order.
//
//	Usage: cd crates/embedded/scripts/schema && go mod tidy && go run . > ../../data/schema.txt
//
// A field is name, flags, =number in protobuf, colon, type. Flags: ? omitempty, ! omitzero. A field named ^ is a message whose
// fields JSON has in place. Types: s string, i32 i64 u… integers, b bool, f64 floats,
// B bytes, T Time, M MicroTime, D Duration, Q Quantity, I IntOrString, R anything; *t pointer, []t list, {}t map; else a struct.
package main

import (
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var roots = []any{
	corev1.Namespace{}, corev1.Node{}, corev1.Pod{}, corev1.PodTemplate{}, corev1.Service{}, corev1.Endpoints{}, corev1.ConfigMap{},
	corev1.Secret{}, corev1.ServiceAccount{}, corev1.Event{}, corev1.PersistentVolume{}, corev1.PersistentVolumeClaim{},
	corev1.LimitRange{}, corev1.ResourceQuota{}, corev1.ReplicationController{}, corev1.Binding{},
	appsv1.Deployment{}, appsv1.ReplicaSet{}, appsv1.StatefulSet{}, appsv1.DaemonSet{}, appsv1.ControllerRevision{},
	batchv1.Job{}, batchv1.CronJob{}, discoveryv1.EndpointSlice{}, coordinationv1.Lease{}, eventsv1.Event{},
	networkingv1.Ingress{}, networkingv1.IngressClass{}, networkingv1.NetworkPolicy{},
	rbacv1.Role{}, rbacv1.RoleBinding{}, rbacv1.ClusterRole{}, rbacv1.ClusterRoleBinding{},
	autoscalingv1.Scale{}, autoscalingv2.HorizontalPodAutoscaler{}, policyv1.PodDisruptionBudget{}, policyv1.Eviction{},
	schedulingv1.PriorityClass{}, storagev1.StorageClass{},
	authenticationv1.TokenRequest{}, authenticationv1.SelfSubjectReview{}, authorizationv1.SelfSubjectAccessReview{},
	metav1.DeleteOptions{},
}

var seen = map[reflect.Type]bool{}
var lines []string

func name(t reflect.Type) string {
	path := t.PkgPath()
	path = strings.TrimPrefix(path, "k8s.io/api/")
	path = strings.TrimPrefix(path, "k8s.io/apimachinery/pkg/apis/")
	return path + "." + t.Name()
}

func typeOf(t reflect.Type) string {
	switch t.PkgPath() + "." + t.Name() {
	case "k8s.io/apimachinery/pkg/apis/meta/v1.Time":
		return "T"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":
		return "M"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.Duration":
		return "D"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":
		return "R"
	case "k8s.io/apimachinery/pkg/api/resource.Quantity":
		return "Q"
	case "k8s.io/apimachinery/pkg/util/intstr.IntOrString":
		return "I"
	case "k8s.io/apimachinery/pkg/runtime.RawExtension":
		return "R"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + typeOf(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "B"
		}
		return "[]" + typeOf(t.Elem())
	case reflect.Map:
		return "{}" + typeOf(t.Elem())
	case reflect.String:
		return "s"
	case reflect.Bool:
		return "b"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32, reflect.Uint64, reflect.Uint8:
		return strings.Replace(strings.Replace(t.Kind().String(), "uint", "u", 1), "int", "i", 1)
	case reflect.Float64:
		return "f64"
	case reflect.Struct:
		dump(t)
		return name(t)
	}
	panic(t.String())
}

func fields(t reflect.Type) []string {
	var out []string
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("json"), ",")
		if tag[0] == "-" || !f.IsExported() {
			continue
		}
		number := ""
		if parts := strings.Split(f.Tag.Get("protobuf"), ","); len(parts) > 1 {
			number = "=" + parts[1]
		}
		if tag[0] == "" && f.Anonymous {
			for _, inner := range fields(f.Type) {
				name, kind, _ := strings.Cut(inner, ":")
				if name = strings.Split(name, "=")[0]; name != "^" {
					out = append(out, name+":"+kind)
				}
			}
			if number != "" {
				out = append(out, "^"+number+":"+typeOf(f.Type))
			}
			continue
		}
		flags := ""
		for _, flag := range tag[1:] {
			switch flag {
			case "omitempty":
				flags += "?"
			case "omitzero":
				flags += "!"
			}
		}
		out = append(out, tag[0]+flags+number+":"+typeOf(f.Type))
	}
	return out
}

func dump(t reflect.Type) {
	if seen[t] {
		return
	}
	seen[t] = true
	lines = append(lines, name(t)+" "+strings.Join(fields(t), " "))
}

func main() {
	for _, root := range roots {
		dump(reflect.TypeOf(root))
	}
	sort.Strings(lines)
	fmt.Fprintln(os.Stdout, strings.Join(lines, "\n"))
}
