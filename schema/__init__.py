"""The JSON schemas of the documents that provenly writes, for programs that read them and for reading them back."""
