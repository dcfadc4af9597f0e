//! `kubectl autoscale` (kubectl: pkg/cmd/autoscale/autoscale.go).

use super::{last_applied, record};
use crate::command::{Class, Command, Context};
use crate::dry_run::DryRun;
use crate::error::{Error, Result};
use crate::flags::{Flag, common};
use crate::printers::PrintFlags;
use crate::request::Call;
use crate::resource::{Builder, Info};
use apimachinery::quantity::Quantity;
use http::Method;
use serde_json::{Value, json};

pub(super) static COMMAND: Command = Command {
    name: "autoscale",
    use_line: "autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]",
    short: "Auto-scale a deployment, replica set, stateful set, or replication controller",
    long: "Creates an autoscaler, which from then on chooses how many pods there are. The API autoscaling/v2 is tried first, autoscaling/v1 if that fails.\n\n The deployment, replica set, stateful set or replication controller that is named becomes the autoscaler's target.",
    example: "# Between 2 and 10 pods, with the cluster's default policy
kubectl autoscale deployment foo --min=2 --max=10

# At most 5 pods, which should use 80% of the CPU that they request
kubectl autoscale rc foo --max=5 --cpu=80%

# Averages of CPU and memory
kubectl autoscale deployment bar --min=3 --max=6 --cpu=500m --memory=200Mi",
    flags,
    class: Class::changes_unless_dry_run,
    run: Some(|cx| Box::pin(run(cx))),
    ..Command::NEW
};

fn flags() -> Vec<Flag> {
    let mut flags = common::output();
    flags.extend(common::filename("identifying the resource to autoscale."));
    flags.extend([
        record::flag(),
        common::dry_run(),
        common::save_config(),
        common::field_manager("kubectl-autoscale"),
        Flag::int32("min", "-1", "The lower limit for the number of pods that can be set by the autoscaler. If it's not specified or negative, the server will apply a default value."),
        Flag::int32("max", "-1", "The upper limit for the number of pods that can be set by the autoscaler. Required.").required(),
        Flag::int32("cpu-percent", "-1", "The target average CPU utilization (represented as a percent of requested CPU) over all the pods. If it's not specified or negative, a default autoscaling policy will be used.")
            .deprecated("Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU)."),
        Flag::string("cpu", "", "Target CPU utilization over all the pods. When specified as a percentage (e.g.\"70%\" for 70% of requested CPU) it will target average utilization. When specified as quantity (e.g.\"500m\" for 500 milliCPU) it will target average value. Value without units is treated as a quantity with miliCPU being the unit (e.g.\"500\" is \"500m\")."),
        Flag::string("memory", "", "Target memory utilization over all the pods. When specified  as a percentage (e.g.\"60%\" for 60% of requested memory) it will target average utilization. When specified as quantity (e.g.\"200Mi\" for 200 MiB, \"1Gi\" for 1 GiB) it will target average value. Value without units is treated as a quantity with mebibytes being the unit (e.g.\"200\" is \"200Mi\")."),
        Flag::string("name", "", "The name for the newly created object. If not specified, the name of the input resource will be used."),
    ]);
    flags
}

/// What a resource's use should come to.
enum Target {
    /// Percent of what is requested.
    Utilization(i64),
    /// On average.
    Value(Quantity),
}

impl Target {
    /// `70%`, `500m`, or a bare number of `unit`s (`parseResourceInput`); `None` if nothing was said.
    fn parse(input: &str, resource: &str, unit: &str) -> Result<Option<Target>> {
        if input.is_empty() {
            return Ok(None);
        }
        let input = input.trim();
        if input.is_empty() {
            return Err(Error::msg("empty input"));
        }
        if let Some(percent) = input.strip_suffix('%') {
            let value = percent.parse::<i32>().ok().filter(|value| *value >= 0);
            let invalid = || Error::msg(format!("invalid percentage value: {percent}"));
            return value.map(|value| Some(Target::Utilization(value.into()))).ok_or_else(invalid);
        }
        if let Ok(number) = input.parse::<f64>() {
            let text = format!("{}{unit}", apimachinery::go::float(number));
            let quantity = Quantity::parse(&text).map_err(|error| Error::msg(error.to_string()))?;
            return Ok(Some(Target::Value(quantity)));
        }
        let invalid = |_| Error::msg(format!("invalid resource {resource} value: {input}"));
        Quantity::parse(input).map(|quantity| Some(Target::Value(quantity))).map_err(invalid)
    }

    fn metric(&self, resource: &str) -> Value {
        let target = match self {
            Target::Utilization(percent) => json!({"type": "Utilization", "averageUtilization": percent}),
            Target::Value(quantity) => json!({"type": "AverageValue", "averageValue": quantity.to_string()}),
        };
        json!({"type": "Resource", "resource": {"name": resource, "target": target}})
    }
}

async fn run(cx: &Context) -> Result<()> {
    let flags = &cx.flags;
    let dry_run = DryRun::of(cx)?;
    let (namespace, enforce) = cx.namespace().await?;
    let (min, max) = (flags.int("min"), flags.int("max"));
    if max < 1 {
        return Err(Error::msg(format!("--max=MAXPODS is required and must be at least 1, max: {max}")));
    }
    if max < min {
        let text = format!("--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}");
        return Err(Error::msg(text));
    }
    if flags.int("cpu-percent") > 0 && !flags.str("cpu").is_empty() {
        return Err(Error::msg("--cpu-percent and --cpu are mutually exclusive"));
    }
    let mut metrics = Vec::new();
    if flags.int("cpu-percent") > 0 {
        metrics.push(Target::Utilization(flags.int("cpu-percent")).metric("cpu"));
    }
    let cpu = Target::parse(flags.str("cpu"), "cpu", "m")?;
    metrics.extend(cpu.as_ref().map(|target| target.metric("cpu")));
    let memory = Target::parse(flags.str("memory"), "memory", "Mi")?;
    metrics.extend(memory.map(|target| target.metric("memory")));
    let builder = Builder::new().continue_on_error().namespace(&namespace, enforce).filenames(flags).flatten();
    let (infos, mut errors) = builder.args(false, &cx.args).find(cx).await?.partition();
    let mut count = 0;
    for info in infos {
        match autoscale(cx, &info, &metrics, cpu.as_ref(), dry_run).await {
            Ok(()) => count += 1,
            Err(Error::Output(error)) => return Err(Error::Output(error)),
            Err(error) => errors.push(error),
        }
    }
    Error::aggregate(errors)?;
    if count == 0 {
        return Err(Error::msg("no objects passed to autoscale"));
    }
    Ok(())
}

async fn autoscale(cx: &Context, info: &Info, metrics: &[Value], cpu: Option<&Target>, dry_run: DryRun) -> Result<()> {
    check_scalable(cx, info).await?;
    let Err(_) = create(cx, second(cx, info, metrics).await?, dry_run).await else { return Ok(()) };
    // Upstream tells the first error at -v=1 only, and tries the older API where that can say the same.
    let percent = cx.flags.int("cpu-percent") >= 0;
    if cx.flags.str("cpu").is_empty() {
        return Err(incompatible("empty input"));
    }
    if !cx.flags.str("memory").is_empty() || !(percent || matches!(cpu, Some(Target::Utilization(_)))) {
        return Err(incompatible("%!w(<nil>)"));
    }
    create(cx, first(cx, info).await?, dry_run).await
}

fn incompatible(cause: &str) -> Error {
    Error::msg(format!(
        "failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: {cause}"
    ))
}

/// The kind has a subresource `scale` (client-go: scale/util.go).
async fn check_scalable(cx: &Context, info: &Info) -> Result<()> {
    let mapping = &info.mapping;
    let path = match mapping.group.as_str() {
        "" => format!("/api/{}", mapping.version),
        group => format!("/apis/{group}/{}", mapping.version),
    };
    let list = cx.requests().await?.json(Call::get(path)).await?;
    let scale = format!("{}/scale", mapping.resource);
    if list["resources"].as_array().into_iter().flatten().any(|resource| resource["name"] == scale.as_str()) {
        return Ok(());
    }
    let resource = format!("{}/{}, Resource={}", mapping.group, mapping.version, mapping.resource);
    let cause = format!("could not find scale subresource for {resource} in discovery information");
    Err(Error::msg(format!("cannot autoscale a {}: {cause}", mapping.kind)))
}

/// What both versions have in common.
async fn base(cx: &Context, info: &Info, version: &str) -> Result<Value> {
    let flags = &cx.flags;
    let name = if flags.str("name").is_empty() { &info.name } else { flags.str("name") };
    let mut object = json!({
        "apiVersion": format!("autoscaling/{version}"),
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {
            "maxReplicas": flags.int("max"),
            "scaleTargetRef": {"apiVersion": info.mapping.api_version(), "kind": info.mapping.kind, "name": info.name},
        },
    });
    let (namespace, enforce) = cx.namespace().await?;
    if enforce {
        object["metadata"]["namespace"] = json!(namespace);
    }
    if flags.int("min") > 0 {
        object["spec"]["minReplicas"] = json!(flags.int("min"));
    }
    Ok(object)
}

async fn second(cx: &Context, info: &Info, metrics: &[Value]) -> Result<Value> {
    let mut object = base(cx, info, "v2").await?;
    if !metrics.is_empty() {
        object["spec"]["metrics"] = json!(metrics);
    }
    object["status"] = json!({"currentMetrics": null, "desiredReplicas": 0});
    Ok(object)
}

async fn first(cx: &Context, info: &Info) -> Result<Value> {
    let mut object = base(cx, info, "v1").await?;
    if cx.flags.int("cpu-percent") >= 0 {
        object["spec"]["targetCPUUtilizationPercentage"] = json!(cx.flags.int("cpu-percent"));
    }
    object["status"] = json!({"currentReplicas": 0, "desiredReplicas": 0});
    Ok(object)
}

async fn create(cx: &Context, mut object: Value, dry_run: DryRun) -> Result<()> {
    record::record(cx, &mut object);
    let operation = if dry_run == DryRun::Client { "created" } else { "autoscaled" };
    let flags = PrintFlags::of(cx, format!("{operation}{}", dry_run.suffix())).typed();
    crate::printers::typed::canonical(&mut object);
    if dry_run != DryRun::Client {
        last_applied::save_typed_config(cx.flags.bool("save-config"), &mut object);
        let namespace = cx.namespace().await?.0;
        let api_version = object["apiVersion"].as_str().unwrap_or_default();
        let path = format!("/apis/{api_version}/namespaces/{namespace}/horizontalpodautoscalers");
        let call = Call::new(Method::POST, path).query_if("fieldManager", cx.flags.str("field-manager"));
        let call = if dry_run == DryRun::Server { call.query("dryRun", "All") } else { call };
        object = cx.requests().await?.json(call.json(&object)).await?;
    }
    let mut printer = flags.printer(cx).await?;
    write!(cx.out, "{}", printer.print(object)?)?;
    Ok(())
}
