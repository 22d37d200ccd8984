"""Who is who: Central, the province, three districts, two communes under each; one room at every bridge."""

import dataclasses
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@dataclasses.dataclass(frozen=True)
class Node:
    """One bridge and its room. The room sends the prepared stream of a site of scripts/sites.tsv."""
    id: str
    name: str
    # The site whose colour and tone the room has.
    room: str
    parent: str | None
    level: int


NODES = {node.id: node for node in (
    Node("central", "Trung ương", "trung-uong", None, 0),
    Node("province", "Tỉnh Bắc Ninh", "tinh-uy", "central", 1),
    Node("gia-binh", "Gia Bình", "gia-binh", "province", 2),
    Node("tu-son", "Từ Sơn", "tu-son", "province", 2),
    Node("que-vo", "Quế Võ", "que-vo", "province", 2),
    Node("dai-bai", "Xã Đại Bái", "thuan-thanh", "gia-binh", 3),
    Node("nhan-thang", "Xã Nhân Thắng", "luong-tai", "gia-binh", 3),
    Node("dong-ky", "Phường Đồng Kỵ", "tien-du", "tu-son", 3),
    Node("phu-khe", "Phường Phù Khê", "yen-phong", "tu-son", 3),
    Node("pho-moi", "Phường Phố Mới", "cong-an", "que-vo", 3),
    Node("viet-hung", "Xã Việt Hùng", "quan-su", "que-vo", 3))}


# A bridge of each level, and nothing else.
CHAIN = ("central", "province", "gia-binh", "dai-bai")


def keep(ids):
    """Leaves the others out of `NODES`."""
    for id in [id for id in NODES if id not in ids]:
        del NODES[id]


def children(id):
    return [node.id for node in NODES.values() if node.parent == id]


def _sites():
    rows = (line.split("\t") for line in (ROOT / "scripts" / "sites.tsv").read_text().splitlines()
            if line and not line.startswith("#"))
    return {row[0]: (tuple(map(int, row[2].split())), float(row[3])) for row in rows}


_SITES = _sites()


def colour(id):
    """The colour of a node's room as BT.709 limited range: Y, U, V."""
    red, green, blue = _SITES[NODES[id].room][0]
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (16 + luma * 219 / 255, 128 + (blue - luma) / 1.8556 * 224 / 255, 128 + (red - luma) / 1.5748 * 224 / 255)


def tone(id):
    """The frequency in Hz of a node's room."""
    return _SITES[NODES[id].room][1]
