// The names and kinds of all metrics on the page for Prometheus. A name may be added; one that is removed or changed breaks boards and alerts.

export const METRIC_NAMES: readonly string[] = [];
