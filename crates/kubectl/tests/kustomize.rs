//! No kustomization makes the build panic, whatever stands in it.

use kubectl::kustomize::{Options, build};
use kubectl::{FileKind, Files};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Files in memory.
struct Memory(BTreeMap<String, String>);

impl Memory {
    fn missing() -> io::Error {
        io::Error::from(io::ErrorKind::NotFound)
    }
}

#[async_trait::async_trait]
impl Files for Memory {
    async fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let text = self.0.get(path.to_string_lossy().as_ref()).ok_or_else(Memory::missing)?;
        Ok(text.clone().into_bytes())
    }
    async fn write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::PermissionDenied))
    }
    async fn list(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
    async fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let path = path.to_string_lossy();
        if self.0.contains_key(path.as_ref()) {
            return Ok(FileKind::File);
        }
        let below = format!("{}/", path.trim_end_matches('/'));
        if self.0.keys().any(|key| key.starts_with(&below)) { Ok(FileKind::Directory) } else { Err(Memory::missing()) }
    }
}

/// A kustomization that uses everything, one entry a line.
const FRAGMENTS: [&str; 30] = [
    "namePrefix: a-",
    "nameSuffix: -z",
    "namespace: ns",
    "commonLabels: {l: v}",
    "commonAnnotations: {n: v}",
    "labels: [{pairs: {p: q}, includeSelectors: true, fields: [{path: spec/a/b, create: true}]}]",
    "images: [{name: nginx, newTag: '2'}, {name: '*', digest: x}]",
    "replicas: [{name: web, count: 3}]",
    "resources: [all.yaml]",
    "resources: [all.yaml, base]",
    "components: [base]",
    "configMapGenerator: [{name: c, literals: [a=b], files: [all.yaml], envs: [all.yaml]}]",
    "secretGenerator: [{name: s, behavior: merge, literals: [a=b]}]",
    "configMapGenerator: [{name: web, behavior: replace, literals: [a=b]}]",
    "generatorOptions: {immutable: true, labels: {a: b}}",
    "patches: [{path: patch.yaml}]",
    "patches: [{path: patch.yaml, target: {kind: '.*'}}]",
    "patches: [{patch: '[{\"op\": \"remove\", \"path\": \"/metadata/name\"}]', target: {kind: '.*'}}]",
    "patches: [{patch: '[{\"op\": \"replace\", \"path\": \"\", \"value\": 1}]', target: {kind: '.*'}}]",
    "patches: [{path: patch.yaml, options: {allowNameChange: true, allowKindChange: true}, target: {name: '(web'}}]",
    "patchesStrategicMerge: [patch.yaml]",
    "patchesJson6902: [{path: patch.yaml, target: {name: web}}]",
    "replacements: [{source: {name: web, fieldPath: spec}, targets: [{select: {}, fieldPaths: ['spec.*.a.[b=c].0', a.b], options: {create: true}}]}]",
    "replacements: [{sourceValue: x, targets: [{select: {}, fieldPaths: ['metadata', '', '.', '[', 'spec.[=x]'], options: {delimiter: '-', index: -1}}]}]",
    "vars: [{name: V, objref: {kind: Service, name: web, apiVersion: v1}, fieldref: {fieldPath: 'spec.ports[0]'}}]",
    "configurations: [patch.yaml]",
    "crds: [all.yaml]",
    "buildMetadata: [originAnnotations, transformerAnnotations, managedByLabel]",
    "sortOptions: {order: legacy, legacySortOptions: {orderFirst: [Pod]}}",
    "transformers: [patch.yaml]",
];

/// Pieces that objects are made of.
const OBJECTS: [&str; 10] = [
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: a, image: 'nginx:1', ports: [{containerPort: 80}, {}]}, {image: b}, x]}}}",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: a, $patch: delete}, {$patch: replace}]}}}",
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, annotations: {a: '$(V) $(', b: 1}, labels: []}\nspec: {selector: x, ports: [{port: 80}]}",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: null",
    "apiVersion: v1\nkind: List\nitems: [{kind: A, metadata: {name: b}}, null]",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: web}\nsubjects: [{kind: ServiceAccount, name: default}, x]\nroleRef: {}",
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: ns}",
    "kind: Pod\nmetadata: {name: [a]}",
    "- {op: add, path: /spec/-, value: 1}",
    "$patch: delete\napiVersion: v1\nkind: Service\nmetadata: {name: web}",
];

fn text() -> impl Strategy<Value = String> {
    let lines = prop::sample::subsequence(FRAGMENTS.to_vec(), 0..8).prop_map(|lines| lines.join("\n"));
    prop_oneof![
        8 => lines,
        1 => "[a-zA-Z: \\[\\]{}\n,-]{0,60}",
        1 => any::<String>(),
    ]
}

fn objects() -> impl Strategy<Value = String> {
    let known = prop::sample::subsequence(OBJECTS.to_vec(), 0..5).prop_map(|objects| objects.join("\n---\n"));
    prop_oneof![8 => known, 1 => "[a-zA-Z: \\[\\]{}\n,$-]{0,60}", 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn no_kustomization_panics(file in text(), base in text(), all in objects(), patch in objects(), inner in objects()) {
        let files = [
            ("/kustomization.yaml", file),
            ("/all.yaml", all),
            ("/patch.yaml", patch),
            ("/base/kustomization.yaml", base),
            ("/base/all.yaml", inner.clone()),
            ("/base/patch.yaml", inner),
        ];
        let files = files.into_iter().map(|(path, text)| (path.to_string(), text)).collect();
        let options = Options { managed_by: true, ..Options::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let built = runtime.block_on(build(Arc::new(Memory(files)), ".", options));
        if let Ok(objects) = built.objects {
            kubectl::kustomize::to_yaml(&objects);
        }
    }
}
