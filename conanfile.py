import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"


class WeirConan(ConanFile):
    name = "weir"
    description = "Stateful stream processing inside one process, header-only C++20"
    license = "Apache-2.0"
    topics = ("stream-processing", "event-time", "exactly-once", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_simdjson": [True, False], "with_postgres": [True, False]}
    default_options = {"with_simdjson": False, "with_postgres": False}
    exports_sources = "include/*", "LICENSE"
    no_copy_source = True
    test_package_folder = "tests/consumer/conan"

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "include", "weir", "version.hpp"))
        self.version = re.search(r'WEIR_VERSION "([^"]+)"', header).group(1)

    def export(self):
        # The recipe reads the version from this header, also where only the recipe is.
        copy(self, "include/weir/version.hpp", self.recipe_folder, self.export_folder)

    def layout(self):
        basic_layout(self)

    def requirements(self):
        self.requires("boost/[>=1.81 <2]")
        self.requires("fmt/[>=9 <12]")
        self.requires("lmdb/[>=0.9.24 <1]")
        self.requires("range-v3/0.12.0")
        if self.options.with_simdjson:
            self.requires("simdjson/[>=3 <4]")
        if self.options.with_postgres:
            self.requires("libpq/[>=15 <18]")

    def package_id(self):
        self.info.clear()

    def validate(self):
        check_min_cppstd(self, 20)

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))

    def package_info(self):
        # The same targets as the CMake package: weir::weir, and weir::simdjson and weir::postgres where asked for.
        self.cpp_info.set_property("cmake_file_name", "weir")
        core = self.cpp_info.components["weir"]
        core.set_property("cmake_target_name", "weir::weir")
        core.bindirs = []
        core.libdirs = []
        core.requires = ["boost::headers", "fmt::fmt", "lmdb::lmdb", "range-v3::range-v3"]
        if self.settings.os in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread"]
        if self.options.with_simdjson:
            simdjson = self.cpp_info.components["simdjson"]
            simdjson.set_property("cmake_target_name", "weir::simdjson")
            simdjson.bindirs = []
            simdjson.libdirs = []
            simdjson.defines = ["WEIR_WITH_SIMDJSON=1"]
            simdjson.requires = ["weir", "simdjson::simdjson"]
        if self.options.with_postgres:
            postgres = self.cpp_info.components["postgres"]
            postgres.set_property("cmake_target_name", "weir::postgres")
            postgres.bindirs = []
            postgres.libdirs = []
            postgres.defines = ["WEIR_WITH_POSTGRES=1"]
            postgres.requires = ["weir", "libpq::libpq"]
