"""The section of the settings that is about models."""

from assistant_platform import env

OPENAI_API_KEY = env.read_text("OPENAI_API_KEY")
OPENAI_BASE_URL = env.read_text("OPENAI_BASE_URL")
ASSISTANT_MODEL = env.read_text("ASSISTANT_MODEL")
# Further models of the same provider that organizations may measure.
ASSISTANT_OTHER_MODELS = env.read_list("ASSISTANT_OTHER_MODELS")
ASSISTANT_PROVIDER = (
    "openai" if ASSISTANT_MODEL and (OPENAI_API_KEY or OPENAI_BASE_URL) else "offline"
)
ASSISTANT_CONCURRENCY = env.read_integer("ASSISTANT_CONCURRENCY", 50, minimum=1)
ASSISTANT_TIMEOUT_SECONDS = env.read_integer("ASSISTANT_TIMEOUT_SECONDS", 60, minimum=1)
# Thinking counts as output; an answer cut off here ends in "needs review".
ASSISTANT_OUTPUT_LIMIT_TOKENS = env.read_integer("ASSISTANT_OUTPUT_LIMIT_TOKENS", 8000, minimum=1)
# Further prompts for the judge, `judge*.md`, to compare with ours; blank: none.
JUDGE_PROMPTS_DIR = env.read_text("JUDGE_PROMPTS_DIR")
# The pause before a failed call is tried again at once, doubled each time; longer ones are tasks'.
ASSISTANT_BACKOFF_SECONDS = 0.5
# US dollars for a million tokens: what a call costs is computed from these and its usage.
ASSISTANT_INPUT_PRICE_USD = env.read_text("ASSISTANT_INPUT_PRICE_USD", "0")
ASSISTANT_CACHED_PRICE_USD = env.read_text("ASSISTANT_CACHED_PRICE_USD", "0")
ASSISTANT_OUTPUT_PRICE_USD = env.read_text("ASSISTANT_OUTPUT_PRICE_USD", "0")
CONTEXT_LINES = env.read_integer("CONTEXT_LINES", 60, minimum=5)
FIX_CANDIDATES = env.read_integer("FIX_CANDIDATES", 1, minimum=1)
