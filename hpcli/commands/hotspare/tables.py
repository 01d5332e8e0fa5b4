"""The table of servers."""

from hpcli.api.operations.hotspare.servers import LIST
from hpcli.commands.framework.columns import code_column
from hpcli.output import Column, View
from hpcli.reference.document import answer_fields

SERVERS = View(
    noun="server",
    id="uuid",
    columns=(Column("UUID", "uuid"), code_column("ROLE", "type", "hotSpareType")),
    fields=lambda: answer_fields(LIST.method, LIST.path),
)
