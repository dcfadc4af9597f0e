//! What kubectl and the API server share: pure functions over JSON objects.
