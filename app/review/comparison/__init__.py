"""One model or two on a labelled folder: evaluation, trial, comparison."""
