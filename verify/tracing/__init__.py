"""Where the statements of a bundle come from: compared part by part with its sources and locked dependencies."""
