"""Mail as files one can open: the embedded mode's post office."""
