//! axe-core's judgement of a page.

use std::fs;

use crate::{Page, place};

/// Panics if axe-core finds anything serious or critical in the page as it is now.
///
/// # Panics
/// Also when axe-core is not installed or does not run.
pub async fn assert_without_serious_findings(page: &Page<'_>) {
    assert_window_without_serious_findings(page, "window").await;
}

/// The same of a window that stands in the page, as a JavaScript expression.
///
/// # Panics
/// Also when axe-core is not installed or does not run.
pub async fn assert_window_without_serious_findings(page: &Page<'_>, window: &str) {
    let axe = place::npm().join("node_modules/axe-core/axe.min.js");
    let axe = fs::read_to_string(&axe).unwrap_or_else(|error| panic!("{}: {error}", axe.display()));
    let source = serde_json::Value::from(axe);
    page.run(&format!("{window}.eval({source})")).await.expect("axe-core");
    // Its own frames and what a browser draws inside a <video> are not the page's.
    let judge = format!(
        "{window}.axe.run({window}.document, {{ resultTypes: ['violations'] }}).then(({{ violations }}) => violations
            .filter(({{ impact }}) => ['serious', 'critical'].includes(impact))
            .map(({{ id, impact, nodes }}) => `${{impact}} ${{id}}: ${{nodes.map(({{ target, failureSummary }}) => `${{target}}: ${{failureSummary}}`).join(' | ')}}`))"
    );
    let findings = page.execute_async(&judge).await.expect("a judgement");
    assert_eq!(findings, serde_json::json!([]), "{findings:#}");
}
