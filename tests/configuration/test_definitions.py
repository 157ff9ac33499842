"""Classes and functions found in their source, without an import."""

import pytest

from workflow_scripts.configuration import definitions, modules

FILES = {
    "lab/__init__.py": "from lab.parts import *\nfrom lab.nets import Net as Renamed\nimport os\n",
    "lab/parts.py": "def head(width, classes=10): ...\n_hidden = 1\n",
    "lab/nets.py": "class Base:\n    def __init__(self, size): ...\nclass Net(Base):\n    pass\n",
    "lab/wrapped.py": "import functools\n@functools.cache\ndef build(width): ...\n",
    "lab/lazy.py": "def __getattr__(name): ...\n",
    "lab/loop.py": "for name in 'ab':\n    globals()[name] = int\n",
    "lab/around.py": "from lab.lazy import *\nfrom lab.around import *\n",
}


@pytest.fixture(autouse=True)
def lab(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    before = modules.code_folders()
    modules.use_code_folders([tmp_path])
    yield tmp_path
    modules.use_code_folders(before)


def test_names_come_through_imports():
    assert definitions.all_names("lab") == ["Renamed", "head", "os"]
    assert definitions.all_names("lab.wrapped") == ["build", "functools"]


@pytest.mark.parametrize("module", ["lab.lazy", "lab.loop", "lab.around", "_struct"])
def test_a_module_whose_source_does_not_tell_all_names(module):
    assert definitions.all_names(module) is None


def test_signatures_come_through_names_and_base_classes_and_not_through_decorators():
    assert definitions.find("lab", "Renamed").signature.required == ("size",)
    assert definitions.find("lab", "head").signature.keywords == ("width", "classes")
    assert definitions.find("lab.wrapped", "build").signature is None
    assert definitions.find("lab", "os") is None and definitions.find("lab", "nothing") is None


def test_modules_and_their_folders(lab):
    assert definitions.is_module("lab.nets") and definitions.is_module("_struct")
    assert not definitions.is_module("lab.nothing") and not definitions.is_module("no_such_package")
    assert definitions.package_folder("lab") == lab / "lab"
