"""A store's customers and cars: the writes."""

from __future__ import annotations

from huichang.domains.customers.operations.cars import (
    CAR_COLUMNS,
    add_car,
    bind,
    change_owner,
    edit_car,
    hand_over_cars,
    move_car,
    unbind,
)
from huichang.domains.customers.operations.merging import keep_apart, merge_customers
from huichang.domains.customers.operations.people import (
    CUSTOMER_COLUMNS,
    NUMBER_KIND,
    Phone,
    add_customer,
    add_need,
    call_through,
    confirm_facts,
    edit_customer,
    end_need,
    mark_phone,
    reveal_id_number,
    set_tags,
)
from huichang.domains.customers.operations.shared import ChangedMeanwhile

__all__ = [
    "CAR_COLUMNS",
    "CUSTOMER_COLUMNS",
    "NUMBER_KIND",
    "ChangedMeanwhile",
    "Phone",
    "add_car",
    "add_customer",
    "add_need",
    "bind",
    "call_through",
    "change_owner",
    "confirm_facts",
    "edit_car",
    "edit_customer",
    "end_need",
    "hand_over_cars",
    "keep_apart",
    "mark_phone",
    "merge_customers",
    "move_car",
    "reveal_id_number",
    "set_tags",
    "unbind",
]
