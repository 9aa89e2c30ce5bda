from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Sign-ins, roles."""

    SEE_PEOPLE = "accounts.see_people"  # 查看人员
    EDIT_PEOPLE = "accounts.edit_people"  # 维护人员
    APPOINT = "accounts.appoint"  # 任命本店任何岗位
    EDIT_ROLES = "accounts.edit_roles"  # 维护角色
    USE = "accounts.use"  # 使用系统
