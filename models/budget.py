"""소요예산: amounts by source of funds and year, in thousand won, as printed."""

from sqlmodel import Field, SQLModel


class BudgetLine(SQLModel, table=True):
    """One cell: `source` 계·국비·시비·구비…, `year` None = the row's printed total, `amount` None = left blank."""

    __tablename__ = "budget_line"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    document_id: int = Field(foreign_key="document.id", index=True)
    position: int
    source: str
    year: int | None = None
    amount: int | None = None
    line: int | None = None
