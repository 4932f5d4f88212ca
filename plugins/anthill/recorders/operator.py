"""The task that shows recorders, and starts or stops one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from anthill import catalog, run_note, settings

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.recorders.services import Services

LOOK, START, STOP = "look", "start", "stop"
ALL = "all"
_LOOKS, _SECONDS = 40, 15  # ten minutes: an image is pulled first


class Recorders(BaseOperator):
    """Does what the form asks for, and returns what is so then, a record a recorder; the run's note says it."""

    ui_color = "#d7e3f4"

    def __init__(self, *, asset_class: str, do: str, seconds: int = _SECONDS, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asset_class, self.do, self.seconds = asset_class, do, seconds

    template_fields = ("asset_class", "do")

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Look, or start or stop and look then."""
        import msgspec

        services, declared = self._services(), catalog.asset_classes()
        known = services.recorders(declared)
        if self.do != LOOK:
            if self.asset_class not in known:
                raise AirflowFailException(
                    f"{self.asset_class} has no recorder in {settings.recorder_cluster()}, there are: "
                    f"{', '.join(known) or 'none'}. Declare it in recorder.classes of terraform/environments and apply "
                    f"platform_development/recorder"
                )
            self._set(services, self.asset_class, int(self.do == START))
            known = services.recorders(declared)
        lines = [str(recorder) for recorder in known.values()] or ["No asset class has a recorder here."]
        for line in lines:
            self.log.info("%s", line)
        run_note.write(context, "\n".join(lines))
        return [msgspec.to_builtins(recorder) for recorder in known.values()]

    def _services(self) -> Services:
        from airflow.providers.amazon.aws.hooks.ecs import EcsHook

        from anthill.recorders.services import Services

        if not (cluster := settings.recorder_cluster()):
            raise AirflowFailException(
                "no recorder is a service here: [anthill] recorder_cluster names no cluster. On one machine a recorder "
                "is started by `anthill record`"
            )
        return Services(EcsHook("aws_default").conn, cluster)

    def _set(self, services: Services, asset_class: str, tasks: int) -> None:
        services.want(asset_class, tasks)
        if services.settle(asset_class, _LOOKS, self.seconds):
            return
        now = services.recorders([asset_class])[asset_class]
        raise AirflowFailException(
            f"the recorder of {asset_class} does not {self.do}: {now.runs} of {now.wanted} tasks run. ECS says: "
            f"{' | '.join(now.said) or 'nothing'}. What it said itself stands in its log group"
        )
