//! Logs of containers.

use apimachinery::{meta, status::Status};
use http::Response;

use super::super::{Exchange, body::Body, request::ResourcePath, respond};
use crate::apiserver::LogOptions;

impl Exchange {
    pub(super) async fn log(&self, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let (pod, target) = self.target(path)?;
        let options = self.log_options()?;
        if meta::dig_str(&pod, "spec.nodeName").unwrap_or_default().is_empty() {
            return Ok(respond::plain(200, ""));
        }
        let stream = self.agent(&pod)?.logs(target, options).await?;
        Ok(respond::answer(200, "text/plain", Body::Stream(stream)))
    }

    fn log_options(&self) -> Result<LogOptions, Status> {
        let number = |name: &str| match self.query.get(name) {
            Some(text) => text
                .parse::<i64>()
                .map(Some)
                .map_err(|_| Status::bad_request(format!("strconv.ParseInt: parsing \"{text}\": invalid syntax"))),
            None => Ok(None),
        };
        let since_time = self.query.get("sinceTime").map(str::parse).transpose();
        Ok(LogOptions {
            follow: self.query.flag("follow"),
            previous: self.query.flag("previous"),
            since_seconds: number("sinceSeconds")?,
            since_time: since_time.map_err(|error: jiff::Error| Status::bad_request(error.to_string()))?,
            tail_lines: number("tailLines")?,
            timestamps: self.query.flag("timestamps"),
            limit_bytes: number("limitBytes")?,
        })
    }
}
