"""The description against the server: nothing that anybody can send makes it stumble."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from dryline.apps.server.app import routes
from dryline.apps.server.describing import description
from dryline.apps.server.tokens import Role
from tests.apps.served import TOKENS, Served, bearer, replayed, served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    positive_data_acceptance,
]
FEW = settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with served(replayed(), tokens=TOKENS) as ours:
        ours.post("/api/replay", {"action": "jump", "to": "0:15:00"}, Role.ADMIN)
        ours.post("/api/replay", {"action": "pause"}, Role.ADMIN)
        yield ours


schema = schemathesis.openapi.from_dict(description(routes(), "0")).exclude(path="/api/stream")


@schema.parametrize()
@FEW
def test_what_is_sent_at_random_gets_what_is_described(
    case: schemathesis.Case, running: Served
) -> None:
    case.call_and_validate(base_url=running.url, headers=bearer(Role.ADMIN), checks=CHECKS)
