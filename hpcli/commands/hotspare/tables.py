"""How servers are shown."""

from hpcli.api.operations.hotspare.servers import LIST
from hpcli.output import Column, View
from hpcli.reference import answer_fields
from hpcli.run.context import coded

SERVERS = View(
    noun="server",
    id="uuid",
    columns=(Column("UUID", "uuid"), coded("ROLE", "type", "hotSpareType")),
    fields=lambda: answer_fields(LIST.method, LIST.path),
)
