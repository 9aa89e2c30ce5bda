"""The demo store's export: files another system could have written, the same for the same day, with some dirt in them.

`./run` writes them into an empty installation and imports them like anybody's (`write_export`).
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from huichang.domains.customers import identifiers
from huichang.domains.intake import demo_catalogue as catalogue
from huichang.domains.vehicles import vin
from huichang.kernel.worktime import add_months

CARS = 420
_SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马苗方俞任袁柳唐"
_GIVEN = (
    "明远", "思源", "雨桐", "建华", "晓东", "丽娟", "国强", "欣怡", "子涵", "文博", "海燕", "志刚", "佳宁", "俊杰", "玉兰",
    "振宇", "若曦", "立新", "春梅", "浩然", "静怡", "永康", "雅琴", "天佑", "红梅", "睿", "敏", "磊", "婷", "斌",
)  # fmt: skip
_COMPANIES = ("上海启程物流有限公司", "上海安行汽车租赁有限公司", "浦江环境工程有限公司")
_STREETS = ("中山北路", "延安西路", "虹桥路", "张杨路", "四平路", "漕宝路", "杨高南路", "淮海中路")
_DISTRICTS = ("徐汇区", "长宁区", "静安区", "浦东新区", "杨浦区", "闵行区")
_INSURERS = ("人保财险", "平安产险", "太平洋产险", "国寿财险")
_COLORS = ("白", "黑", "银", "灰", "蓝", "红")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"


@dataclass(slots=True)
class _Car:
    number: str
    owner: str
    kind: str
    id_number: str
    mobile: str
    address: str
    birthday: date | None
    plate: str
    vin: str
    series: int
    trim: str
    color: str
    sold: date
    km_a_day: float
    advisor: str
    visits: list[_Visit] = field(default_factory=list)


@dataclass(slots=True)
class _Visit:
    number: str
    arrived: datetime
    km: int
    kind: str
    advisor: str
    technician: str
    lines: list[tuple[Any, ...]]
    labour: float
    parts: float
    discount: float
    paid: float
    payment: str
    finding: tuple[str, str] | None = None


def write_export(folder: Path, *, today: date, cars: int = CARS) -> list[Path]:
    """Write the export of a store of `cars` cars as of `today` into an existing folder; returns the files."""
    chance = random.Random(20_260_318)  # noqa: S311 - a demo, the same for everybody
    fleet = [_car(chance, number, today) for number in range(cars)]
    for car in fleet:
        car.visits = list(_visits(chance, car, today))
    _number_visits(fleet)
    owners, history = folder / "车主档案.xlsx", folder / "进厂记录.xlsx"
    workshop, advice, complaints = folder / "车间资料.xlsx", folder / "建议项目.csv", folder / "客户投诉.csv"
    _write_owners(owners, chance, fleet, today)
    _write_history(history, fleet)
    _write_workshop(workshop)
    _write_advice(advice, fleet)
    _write_complaints(complaints, chance, fleet, today)
    return [owners, history, workshop, advice, complaints]


# --- cars and their owners ------------------------------------------------------------------------------


def _car(chance: random.Random, number: int, today: date) -> _Car:
    # Sales are spread over seven years, denser lately: every kind of reminder has somebody due.
    age = int(2550 * (number / CARS) ** 1.25) + chance.randrange(8, 20)
    sold = today - timedelta(days=age)
    series = chance.randrange(len(catalogue.SERIES))
    company = number % 23 == 11
    birthday = date(chance.randrange(1962, 2004), chance.randrange(1, 13), chance.randrange(1, 29))
    is_man = chance.random() < 0.6
    owner = _COMPANIES[number % 3] if company else chance.choice(_SURNAMES) + chance.choice(_GIVEN)
    return _Car(
        number=f"K{20000 + number}",
        owner=owner,
        kind="单位" if company else "个人",
        id_number=_company_code(number % 3) if company else _id_number(chance, birthday, is_man=is_man),
        mobile=f"1{chance.choice('35789')}{chance.choice('0256789')}{chance.randrange(10**8):08d}",
        address=f"上海市{chance.choice(_DISTRICTS)}{chance.choice(_STREETS)}{chance.randrange(1, 900)}号",
        birthday=None if company else birthday,
        plate=_plate(chance),
        vin=_vin(chance, sold),
        series=series,
        trim=chance.choice(catalogue.SERIES[series][1]),
        color=chance.choice(_COLORS),
        sold=sold,
        km_a_day=max(8.0, chance.gauss(70 if company else 34, 11)),
        advisor="卫东",
    )


def _id_number(chance: random.Random, birthday: date, *, is_man: bool) -> str:
    sequence = 2 * chance.randrange(500) + is_man
    body = f"{chance.choice(('310101', '310104', '310115', '320106'))}{birthday:%Y%m%d}{sequence:03d}"
    return body + identifiers.id_check(body)


def _company_code(number: int) -> str:
    body = f"91310000MA1K{number}Q7X{number + 4}"
    return body + identifiers.company_check(body)


def _plate(chance: random.Random) -> str:
    tail = "".join(chance.choice("0123456789") for _ in range(3))
    return f"沪{chance.choice('ABDEFG')}{chance.choice(_LETTERS.replace('I', '').replace('O', ''))}{chance.randrange(10)}{tail}"


def _vin(chance: random.Random, sold: date) -> str:
    head = "LVS" + "".join(chance.choice(_VIN_LETTERS) for _ in range(5))
    year = _YEARS[(sold.year - 1980) % 30]
    tail = f"{year}{chance.choice('ABFN')}{chance.randrange(10**6):06d}"
    return head + vin.check_digit(f"{head}0{tail}") + tail


# --- visits ---------------------------------------------------------------------------------------------


def _visits(chance: random.Random, car: _Car, today: date) -> Iterator[_Visit]:
    """First service, then services about every half year until the car is lost to us, repairs in between."""
    _name, _trims, first, interval, _warranty = catalogue.SERIES[car.series]
    stays_until = add_months(car.sold, chance.choice((8, 20, 34, 48, 99, 99, 99)))
    days = min(30.4 * first[0], first[1] / car.km_a_day) + chance.gauss(6, 9)
    day, count = car.sold + timedelta(days=max(20, round(days))), 0
    while day < min(today, stays_until):
        if day.weekday() != 6:
            yield _visit(chance, car, day, count)
            count += 1
        pause = min(30.4 * interval[0], interval[1] / car.km_a_day) * max(0.45, chance.gauss(1.05, 0.22))
        day += timedelta(days=max(12, round(pause)))


def _visit(chance: random.Random, car: _Car, day: date, count: int) -> _Visit:
    jobs, kind = _jobs(chance, count)
    by_maker = count == 0
    lines: list[tuple[Any, ...]] = []
    for job in jobs:
        payer = "厂家" if by_maker else "客户"
        lines.append(("工时", job.code, job.name, job.hours, catalogue.HOURLY_RATE, payer))
        lines += (("配件", part.code, part.name, 1, part.price, payer)
                  for part in catalogue.PARTS if part.code in job.parts)  # fmt: skip
    paid = [line for line in lines if line[5] == "客户"]
    labour = round(sum(line[3] * line[4] for line in paid if line[0] == "工时"), 2)
    parts = float(sum(line[3] * line[4] for line in paid if line[0] == "配件"))
    discount = round(labour * chance.choice((0, 0, 0, 0.1, 0.2)), 2)
    skill = jobs[0].skill
    technicians = [
        name for name, post, _team, skills in catalogue.STAFF if "技师" in post and skill in skills
    ]
    km = max(300, round((day - car.sold).days * car.km_a_day * chance.gauss(1, 0.03)))
    arrived = datetime.combine(day, time(8, 30)) + timedelta(minutes=15 * chance.randrange(0, 30))
    finding = chance.choice(list(catalogue.FINDINGS)) if count and chance.random() < 0.2 else ""
    answer = chance.choice(("已修", "推迟", "推迟", "拒绝", "未告知"))
    return _Visit(
        "", arrived, km, kind, chance.choice(("李伟", "田雨晴", "白宇")), chance.choice(technicians), lines, labour, parts,
        discount, round(labour + parts - discount, 2),
        chance.choice(("微信", "支付宝", "银行卡", "现金")) if paid else "", (finding, answer) if finding else None,
    )  # fmt: skip


def _jobs(chance: random.Random, count: int) -> tuple[list[catalogue.Job], str]:
    by_code = {job.code: job for job in catalogue.JOBS}
    if count == 0:
        return [by_code["W01"]], "首保"
    if chance.random() < 0.12:
        return [by_code[chance.choice(("W05", "W08", "W11", "W14", "W06"))]], "维修"
    jobs = [by_code["W03" if count % 2 == 0 else "W02"]]
    if chance.random() < 0.15:
        jobs.append(by_code[chance.choice(("W04", "W05", "W07", "W09"))])
    return jobs, "保养"


def _number_visits(fleet: Sequence[_Car]) -> None:
    visits = sorted((visit for car in fleet for visit in car.visits), key=lambda visit: visit.arrived)
    for number, visit in enumerate(visits, start=1):
        visit.number = f"WX{visit.arrived:%y%m}{number:05d}"


# --- files ----------------------------------------------------------------------------------------------


def _write_owners(path: Path, chance: random.Random, fleet: Sequence[_Car], today: date) -> None:
    heads = (
        "客户号", "车主姓名", "客户性质", "身份证号", "手机号码", "联系地址", "出生日期", "牌照号", "VIN", "车系", "车型名称",
        "车身颜色", "购车日期", "销售人员", "质保起始日期", "质保到期日", "承保公司", "交强险到期", "商业险到期", "年审到期",
        "是否绑定微信", "备注",
    )  # fmt: skip
    with xlsxwriter.Workbook(path, _OPTIONS) as book:
        sheet = book.add_worksheet("车主与车辆")
        sheet.write_row(0, 0, ["东区店 车主与车辆一览"])
        sheet.write_row(1, 0, [f"导出日期:{today.isoformat()}"])
        sheet.write_row(3, 0, heads)
        row = 4
        for number, car in enumerate(fleet):
            for cells in _owner_rows(chance, number, car, today):
                sheet.write_row(row, 0, cells)
                row += 1
        book.add_worksheet("填写说明").write_row(0, 0, ["本表由门店系统导出,请勿修改表头"])


_OPTIONS = {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False, "strings_to_urls": False}


def _owner_rows(chance: random.Random, number: int, car: _Car, today: date) -> Iterator[list[Any]]:
    name, _trims, _first, _interval, warranty = catalogue.SERIES[car.series]
    renewal = _next_anniversary(car.sold, today, lapsed=chance.random() < 0.1)
    cells: list[Any] = [
        car.number, car.owner, car.kind, car.id_number, car.mobile, car.address, car.birthday, car.plate, car.vin, name,
        f"{name} {car.trim}", car.color, car.sold, car.advisor, car.sold, add_months(car.sold, warranty[0]),
        chance.choice(_INSURERS), renewal, renewal if chance.random() < 0.8 else None, _inspection(car.sold, today),
        chance.choice("是是否"), "",
    ]  # fmt: skip
    _soil(number, cells)
    yield cells
    if number % 97 == 50:
        yield cells  # the same row twice
    if number % 105 == 60:
        heir = [
            f"{car.number}-2",
            "周" + chance.choice(_GIVEN),
            "个人",
            "",
            f"139{chance.randrange(10**8):08d}",
        ]
        yield [*heir, *cells[5:6], None, *cells[7:21], "二手车新车主"]


def _soil(number: int, cells: list[Any]) -> None:
    """A little of the dirt real exports have, at fixed places."""
    if number % 31 == 4:
        cells[7] = f"{cells[7][0]}{cells[7][1:2].lower()}·{cells[7][2:].lower()}"
    if number % 29 == 7:
        cells[4] = f"{cells[4][:3]} {cells[4][3:7]}-{cells[4][7:]}"
    if number % 37 == 9:
        cells[12] = f"{cells[12].year}年{cells[12].month}月{cells[12].day}日"
    if number % 41 == 12:
        cells[12] = f"{cells[12]:%Y/%m/%d}" if isinstance(cells[12], date) else cells[12]
    if number == 133:
        cells[8] = cells[8][:16]
    if number == 201:
        cells[8] = cells[8][:6] + "O" + cells[8][7:]
    if number == 260:
        cells[4] = cells[4][:10]
    if number == 310:
        cells[21] = "车辆已过户,新车主电话待补"


def _next_anniversary(sold: date, today: date, *, lapsed: bool) -> date:
    end = add_months(sold, 12)
    while end <= (today - timedelta(days=45) if lapsed else today):
        end = add_months(end, 12)
    return end


def _inspection(sold: date, today: date) -> date:
    """Every second year to the sixth, then every year (FACTS §4); the next one due."""
    months = 24
    while add_months(sold, months) <= today:
        months += 24 if months < 72 else 12
    return add_months(sold, months)


def _write_history(path: Path, fleet: Sequence[_Car]) -> None:
    with xlsxwriter.Workbook(path, _OPTIONS | {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        orders, lines = book.add_worksheet("委托书"), book.add_worksheet("维修明细")
        orders.write_row(0, 0, ("委托书号", "进厂时间", "出厂时间", "牌照号", "VIN", "进厂里程", "维修类型", "接待", "主修",
                                "工时金额", "材料费", "优惠金额", "实收金额", "支付方式"))  # fmt: skip
        lines.write_row(0, 0, ("委托书号", "行类型", "代码", "名称", "数量", "单价", "小计", "结算对象"))
        row = line_row = 1
        for car, visit in sorted(((c, v) for c in fleet for v in c.visits), key=lambda pair: pair[1].number):
            left = visit.arrived + timedelta(hours=3)
            km = f"{visit.km:,}km" if row % 61 == 0 else visit.km
            orders.write_row(row, 0, (visit.number, visit.arrived, left, car.plate, car.vin, km, visit.kind,
                                      visit.advisor, visit.technician, visit.labour, visit.parts, visit.discount,
                                      visit.paid, visit.payment))  # fmt: skip
            row += 1
            for kind, code, name, quantity, price, payer in visit.lines:
                amount = round(quantity * price, 2)
                lines.write_row(line_row, 0, (visit.number, kind, code, name, quantity, price, amount, payer))
                line_row += 1


def _write_workshop(path: Path) -> None:
    schedules = [
        (name, *first, *interval, *warranty) for name, _t, first, interval, warranty in catalogue.SERIES
    ]
    tables: dict[str, list[Sequence[Any]]] = {
        "工位": [("工位名称", "工位类型", "开始时间", "结束时间"),
                *((name, skill, "08:30", "17:30") for name, skill in catalogue.BAYS)],
        "员工": [("员工姓名", "职务", "小组", "技能"), *catalogue.STAFF],
        "工时项目": [("工时代码", "作业名称", "标准工时", "工种", "工时单价"),
                 *((j.code, j.name, j.hours, j.skill, catalogue.HOURLY_RATE) for j in catalogue.JOBS)],
        "零件": [("零件号", "零件名称", "销售价", "现存量", "货位", "到货天数", "供应商", "最低库存"), *catalogue.PARTS],
        "保养规则": [("车系", "首保月数", "首保公里", "间隔月数", "间隔公里", "质保月数", "质保里程"), *schedules],
    }  # fmt: skip
    with xlsxwriter.Workbook(path, _OPTIONS) as book:
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)


def _write_advice(path: Path, fleet: Sequence[_Car]) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("委托书号", "牌照号", "建议项目", "提出日期", "客户答复"))
        for car in fleet:
            for visit in car.visits:
                if visit.finding:
                    text, answer = visit.finding
                    writer.writerow((visit.number, car.plate, text, f"{visit.arrived:%Y-%m-%d}", answer))


def _write_complaints(path: Path, chance: random.Random, fleet: Sequence[_Car], today: date) -> None:
    visited = [car for car in fleet if car.visits]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("投诉单号", "牌照号", "受理日期", "投诉类别", "投诉内容", "处理进度"))
        for number in range(min(24, len(visited))):
            car = chance.choice(visited)
            # The latest few are still open: their owners are not called about anything else.
            day = today - timedelta(days=3 * number + 1) if number < 5 else car.visits[-1].arrived.date()
            kind, text = catalogue.COMPLAINTS[number % len(catalogue.COMPLAINTS)]
            writer.writerow((f"TS{number + 1:04d}", car.plate, day.isoformat(), kind, text,
                             "跟进中" if number < 5 else "已结案"))  # fmt: skip
