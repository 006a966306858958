from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import HealthCheck, settings

settings.register_profile("speech", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("speech")


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """The model is so small that threads cost more than they bring, above all on a machine that is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
