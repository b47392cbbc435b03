"""Commands of llm."""
