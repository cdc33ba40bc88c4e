"""What the embedded mode keeps on disk is for its own account only."""

import os
import stat
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_data_folder_is_closed_to_other_accounts(tmp_path):
    folder = tmp_path / "var"
    surroundings = os.environ | {"COURSEPLATFORM_VAR": str(folder), "COURSEPLATFORM_DEMO": "False"}

    subprocess.run(
        [sys.executable, "-c", "import courseplatform.settings"], cwd=ROOT, env=surroundings, check=True, umask=0o022
    )

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
