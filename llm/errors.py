"""What asking a model may end in, besides an answer."""

from decimal import Decimal
from http import HTTPStatus

from core.errors import ProblemError
from llm.models import ModelCall, Outcome


class NoAnswerError(ProblemError):
    """The model gave no usable answer, and asking again would not help.

    `call` is the recorded call, None where the question was asked unrecorded; `cost_usd` is what
    all its recorded tries cost together.
    """

    code = "no_answer"
    status = HTTPStatus.BAD_GATEWAY

    def __init__(
        self,
        *,
        outcome: Outcome,
        detail: str,
        call: ModelCall | None,
        cost_usd: Decimal = Decimal(0),
    ) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.call = call
        self.cost_usd = cost_usd

    @property
    def call_id(self) -> int | None:
        """The recorded call's id, for a row that points to it."""
        return self.call.pk if self.call else None
