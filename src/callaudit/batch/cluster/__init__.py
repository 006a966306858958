"""Tasks on a Ray cluster: the machines of others, or this one."""

from callaudit.batch.cluster.crews import Demand
from callaudit.batch.cluster.executor import ClusterExecutor

__all__ = ["ClusterExecutor", "Demand"]
