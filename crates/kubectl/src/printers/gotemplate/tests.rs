//! The expected texts were printed by Go's text/template.

use super::GoTemplate;
use serde_json::{Value, json};

fn object() -> Value {
    json!({"kind": "Pod", "metadata": {"name": "web", "labels": {"app": "web", "tier": "front"}},
           "spec": {"replicas": 3, "big": 1000650000, "ratio": 0.5, "containers": [{"name": "a", "image": "x"}, {"name": "b"}]},
           "null": null, "empty": [], "yes": true})
}

fn render(text: &str) -> String {
    match GoTemplate::parse(text, true).map(|template| template.render(&object())) {
        Ok(Ok(text)) => text,
        Ok(Err(error)) => format!("{}!{}", error.partial, error.message),
        Err(error) => format!("?{error}"),
    }
}

#[test]
fn values() {
    for (template, text) in [
        ("{{.metadata.name}}", "web"),
        ("{{ .spec.replicas }} {{.spec.big}} {{.spec.ratio}}", "3 1.00065e+09 0.5"),
        ("{{.nope}} {{.nope.deeper}} {{.null}}", "<no value> <no value> <no value>"),
        ("{{.metadata.labels}}", "map[app:web tier:front]"),
        ("{{.spec.containers}}", "[map[image:x name:a] map[name:b]]"),
        ("{{index .spec.containers 1 \"name\"}}", "b"),
        ("{{(index .spec.containers 0).image}}", "x"),
        ("{{index .metadata.labels \"tier\"}} {{index .metadata.labels \"x\"}}", "front <no value>"),
        ("{{len .spec.containers}} {{len .metadata.name}}", "2 3"),
        ("a{{- /* c */ -}} b {{- \"c\" -}} d", "abcd"),
        ("{{\"q\\n\"}}{{`raw\\n`}}{{'a'}}", "q\nraw\\n97"),
        ("{{printf \"%s %v %d|%5s|%-5s|%q\" .kind .yes 7 \"r\" \"l\" \"q\"}}", "Pod true 7|    r|l    |\"q\""),
        ("{{printf \"%d\" .spec.replicas}}", "%!d(float64=3)"),
        ("{{.metadata.name | printf \"%s-%s\" .kind}}", "Pod-web"),
        ("{{print 1 2 \"x\" 3}} {{html \"<a>\"}}", "1 2x3 &lt;a&gt;"),
    ] {
        assert_eq!(render(template), text, "{template}");
    }
}

#[test]
fn control() {
    for (template, text) in [
        ("{{range .spec.containers}}{{.name}} {{end}}", "a b "),
        ("{{range $i, $c := .spec.containers}}{{$i}}={{$c.name}};{{end}}", "0=a;1=b;"),
        ("{{range $k, $v := .metadata.labels}}{{$k}}={{$v}},{{end}}", "app=web,tier=front,"),
        ("{{range .empty}}x{{else}}none{{end}}", "none"),
        ("{{range .spec.containers}}{{if eq .name \"b\"}}{{break}}{{end}}{{.name}}{{end}}", "a"),
        ("{{if .yes}}y{{else}}n{{end}}{{if .nope}}y{{else if .kind}}k{{end}}", "yk"),
        ("{{with .metadata}}{{.name}}{{$.kind}}{{end}}", "webPod"),
        ("{{$x := 1}}{{$x = 2}}{{$x}}", "2"),
        ("{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" .kind}}", "<Pod>"),
        (
            "{{and .yes .kind}} {{or .nope \"d\"}} {{not .yes}} {{eq .kind \"Pod\" \"X\"}} {{lt 1 2}}",
            "Pod d false true true",
        ),
        ("{{range 3}}{{.}}{{end}}", "012"),
        ("{{exists .metadata.labels \"app\"}}{{exists .spec.containers 5}}", "truefalse"),
        ("{{\"aGk=\" | base64decode}}", "hi"),
    ] {
        assert_eq!(render(template), text, "{template}");
    }
}

#[test]
fn errors() {
    for (template, text) in [
        (
            "{{.kind.x}}",
            "!template: output:1:7: executing \"output\" at <.kind.x>: can't evaluate field x in type interface {}",
        ),
        (
            "{{index .spec.containers 7}}",
            "!template: output:1:2: executing \"output\" at <index .spec.containers 7>: error calling index: index out of range: 7",
        ),
        (
            "{{.metadata.labels.app.foo}}",
            "!template: output:1:11: executing \"output\" at <.metadata.labels.app.foo>: can't evaluate field foo in type interface {}",
        ),
        (
            "x\n{{.null.x}}",
            "x\n!template: output:2:7: executing \"output\" at <.null.x>: nil pointer evaluating interface {}.x",
        ),
        (
            "{{template \"x\"}}",
            "!template: output:1:11: executing \"output\" at <{{template \"x\"}}>: template \"x\" not defined",
        ),
        ("{{.x}", "?template: output:1: bad character U+007D '}'"),
        ("{{.a", "?template: output:1: unclosed action"),
        ("{{foo}}", "?template: output:1: function \"foo\" not defined"),
        ("{{$x}}", "?template: output:1: undefined variable \"$x\""),
        ("{{range .a}}", "?template: output:1: unexpected EOF"),
        ("{{end}}", "?template: output:1: unexpected {{end}}"),
        ("{{if}}x{{end}}", "?template: output:1: missing value for if"),
        (
            "{{eq .spec.replicas 3}}",
            "!template: output:1:2: executing \"output\" at <eq .spec.replicas 3>: error calling eq: incompatible types for comparison: float64 and int",
        ),
    ] {
        assert_eq!(render(template), text, "{template}");
    }
}
