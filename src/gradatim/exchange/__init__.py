"""Files that other programs read: the model file (safetensors and one JSON string)."""
