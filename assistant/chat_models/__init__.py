"""Chat models: a name to a LangChain chat model."""
