// The program weir: what it says of a state directory whose content is known, while the job runs, and of every kind of damage.
#include "catch.hpp"
#include "faults/job.hpp"
#include "faults/job_scene.hpp"
#include "faults/program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <regex>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir_test::content;
using weir_test::job_scene;
using weir_test::run_program;

namespace {

std::string const weir_program = WEIR_EXAMPLES_DIR "/tools/weir";

struct said {
  int status;
  std::string text;
};
// Runs weir with these words; the paths among them are in `folder`.
said weir_says(std::vector<std::string> words, std::filesystem::path const& out) {
  words.insert(words.begin(), weir_program);
  int const status = run_program(words, out);
  return {status, content(out)};
}

// A command line's words, in quotes or not.
std::vector<std::string> words_of(std::string const& line) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = line.find_first_not_of(' ', at)) != line.npos;) {
    bool const quoted = line[at] == '\'';
    std::size_t const end = line.find(quoted ? '\'' : ' ', at + quoted);
    words.push_back(line.substr(at + quoted, end == line.npos ? end : end - at - quoted));
    if (end == line.npos) break;
    at = end + quoted;
  }
  return words;
}

// The fault job, stopped twice in the middle of its input.
struct half_done : job_scene {
  explicit half_done(std::size_t records) : job_scene(false) {
    reset();
    for (int i = 0; i < 2; ++i) {
      std::stop_source stop;
      std::size_t left = records;
      auto const watch = [&](faults_job::reading const&) {
        if (--left == 0) stop.request_stop();
      };
      weir::run(
          faults_job::pipeline({input, root / "state", root / "windows.csv", root / "totals.jsonl"}, watch),
          weir::lmdb_store{root / "state"}, weir::periodic_checkpoints{.every = 1h}, weir::exactly_once,
          weir::batch_size{6}, stop.get_token());
    }
    for (auto const& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.is_regular_file())
        files[std::filesystem::relative(entry.path(), root).string()] = content(entry.path());
  }

  std::map<std::string, std::string> files;  // by their path in root

  // The directory with another content of the data file.
  void put(std::string const& data) const {
    reset();
    for (auto const& [path, bytes] : files) {
      std::filesystem::create_directories((root / path).parent_path());
      std::ofstream(root / path, std::ios::binary) << (path == "state/data.mdb" ? data : bytes);
    }
  }
};

}  // namespace

TEST_CASE("the guide's commands of weir say what the guide shows") {
  weir_test::temp_directory const folder;
  auto const here = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  int const made = run_program({WEIR_EXAMPLES_DIR "/docs/checkpoints"});
  std::ifstream guide(WEIR_SOURCE_DIR "/docs/guide.md");
  std::string command, expected;
  std::vector<std::pair<std::string, std::string>> shown;
  bool inside = false;
  for (std::string line; std::getline(guide, line);) {
    if (line == "```console") {
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside && line.starts_with("$ ")) {
      shown.emplace_back(line.substr(2), "");
    } else if (inside && !shown.empty()) {
      shown.back().second += line + "\n";
    }
  }
  std::vector<said> answers;
  for (auto const& [line, text] : shown) {
    auto words = words_of(line);
    if (words.empty() || words[0] != "weir") continue;
    words.erase(words.begin());
    answers.push_back(weir_says(words, folder / "answer"));
  }
  std::filesystem::current_path(here);
  REQUIRE(made == 0);
  REQUIRE(answers.size() == shown.size());
  REQUIRE(answers.size() >= 4);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAPTURE(shown[i].first);
    std::string text = answers[i].text;
    // The guide's folder is another one, and LMDB's pages are its own affair.
    for (std::size_t at; (at = text.find(folder.path().string())) != text.npos;)
      text.replace(at, folder.path().string().size(), "/home/me");
    std::regex const pages("data.mdb: [0-9]+ bytes, [0-9]+ of");
    CHECK(std::regex_replace(text, pages, "data.mdb") ==
          std::regex_replace(shown[i].second, pages, "data.mdb"));
    CHECK(answers[i].status == 0);
  }
}

TEST_CASE("weir: every kind of state, keys and mistakes on the command line") {
  half_done const s(12);
  std::string const state = (s.root / "state").string(), key(600, 'k');
  auto const says = [&](std::vector<std::string> words) { return weir_says(words, s.folder / "answer"); };
  auto const dump = says({"dump", state});
  CAPTURE(dump.text);
  CHECK(dump.status == 0);
  std::set<std::string> kinds;
  for (std::string const& line : weir_test::sorted_lines(dump.text)) {
    CHECK(line.ends_with("}"));
    kinds.insert(line.substr(0, line.find(",\"key\":")));
  }
  for (char const* state_name : {"total", "values", "last", "(timers)"})
    CHECK(kinds.contains(R"({"uid":"running","state":")" + std::string(state_name) + "\""));
  auto const one = says({"dump", state, "running", "total"});
  CHECK(one.status == 0);
  CHECK(dump.text.find(one.text) != std::string::npos);
  CHECK(says({"dump", state, "running", "timers"}).text.find(R"({"uid":"running","timer":"2026-01-01T00:0)") ==
        0);

  auto const report = says({"inspect", state});
  CAPTURE(report.text);
  CHECK(report.status == 0);
  for (std::string part :
       {std::string("epoch 2, not finished, exactly_once, 128 key groups"),
        std::string("operator \"running\": process"),
        std::string("\"values\": map of int64 to int64, keyed by string:"),
        std::string("timers, keyed by string:"), "\"" + s.input.string() + "\": byte ",
        "\"" + (s.root / "totals.jsonl").string() + "\": ", std::string("\"window\": value of ")})
    CHECK(report.text.find(part) != std::string::npos);

  CHECK(says({"get", state, "running", "total", "long" + key}).status == 0);
  auto const none = says({"get", state, "running", "total", "nobody"});
  CHECK(none.status == 1);
  CHECK(none.text == "weir: nothing is stored for this key\n");
  auto const wrong = says({"get", state, "running", "totals", "a"});
  CHECK(wrong.status == 2);
  CHECK(wrong.text.find(R"("running" "total")") != std::string::npos);
  CHECK(says({"get", state, "running", "total"}).status == 2);
  CHECK(says({}).status == 2);
  CHECK(says({"help"}).status == 0);
  CHECK(says({"fsck", (s.root / "none").string()}).status == 2);
  CHECK(says({"fsck", state}).status == 0);
}

TEST_CASE("weir reads while the job runs, and the job does not notice") {
  job_scene s(false, 600);
  s.reset();
  std::string const state = (s.root / "state").string();
  // Each commit that was seen lets the job go on for a while: it does not come to its end unseen.
  auto const fifo = s.folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  int const seen = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(seen >= 0);
  weir_test::program job({WEIR_FAULTS_DIR "/job", s.input.string(), state, (s.root / "windows.csv").string(),
                          (s.root / "totals.jsonl").string(), "goes", "3", fifo.string()},
                         s.folder / "said by the job");
  std::set<std::string> epochs;
  int answers = 0;
  bool finished = false;
  for (int i = 0; !finished && i < 10'000; ++i) {
    auto const report = weir_says({"inspect", state}, s.folder / "answer");
    // Before the first commit there is nothing to read.
    if (report.status == 2 && epochs.empty()) continue;
    CAPTURE(report.text);
    REQUIRE(report.status == 0);
    std::size_t const at = report.text.find("  epoch ");
    if (at == report.text.npos) continue;
    bool const is_new = epochs.insert(report.text.substr(at, report.text.find(',', at) - at)).second;
    if (is_new) REQUIRE(::write(seen, "\n", 1) == 1);
    finished = report.text.find(", finished,") != report.text.npos;
    auto const check = weir_says({"fsck", state}, s.folder / "answer");
    CAPTURE(check.text);
    REQUIRE(check.status == 0);
    auto const dump = weir_says({"dump", state}, s.folder / "answer");
    CAPTURE(dump.text);
    REQUIRE(dump.status == 0);
    REQUIRE((dump.text.empty() || dump.text.ends_with("}\n")));
    ++answers;
  }
  REQUIRE(job.wait() == 0);
  ::close(seen);
  CHECK(s.difference() == "");
  CHECK(epochs.size() > 3);
  WARN(answers << " answers of " << epochs.size() << " commits");
}

TEST_CASE("weir fsck: a byte of the store that is changed is found, or changes nothing") {
  auto const seed = weir_test::faults_seed();
  std::mt19937_64 random(seed);
  half_done const s(12);
  std::string const whole = s.files.at("state/data.mdb"), state = (s.root / "state").string();
  auto const before = weir_says({"dump", state}, s.folder / "answer");
  REQUIRE(before.status == 0);
  std::map<std::string, int> counts;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    bool const first_pages = at < 8192 && at % 4096 < 160;
    if (!weir_test::soak() && random() % (first_pages ? 4 : 200) != 0) continue;
    std::string changed = whole;
    changed[at] ^= static_cast<char>(1 << random() % 8);
    s.put(changed);
    auto const found = weir_says({"fsck", state}, s.folder / "answer");
    CAPTURE(seed, at, found.text, found.status);
    REQUIRE((found.status == 0 || found.status == 1));
    if (found.status == 1) {
      REQUIRE(found.text.find("damaged") != std::string::npos);
      REQUIRE(found.text.find(state) != std::string::npos);
      ++counts[found.text.find("crashed") != std::string::npos ? "crashed" : "named"];
      continue;
    }
    auto const after = weir_says({"dump", state}, s.folder / "answer");
    REQUIRE(after.status == 0);
    REQUIRE(after.text == before.text);
    ++counts["the same"];
    // What fsck has let pass, the job can go on with. LMDB may still refuse it.
    if (!weir_test::soak() && random() % 4 != 0) continue;
    int const status = s.run();
    std::string const refused = content(s.said);
    CAPTURE(status, refused);
    REQUIRE((status == 0 || status == 1));
    if (status == 0) REQUIRE(s.difference() == "");
    ++counts[status == 0 ? "went on rightly" : "refused by the job"];
  }
  s.put(whole);
  REQUIRE(weir_says({"fsck", state}, s.folder / "answer").status == 0);
  for (std::size_t size = 0; size < whole.size(); size += 4096 - 512) {
    s.put(whole.substr(0, size));
    auto const found = weir_says({"fsck", state}, s.folder / "answer");
    CAPTURE(size, found.text);
    REQUIRE((found.status == 1 || found.status == 2 || found.status == 0));
    if (found.status == 0) REQUIRE(weir_says({"dump", state}, s.folder / "answer").text == before.text);
  }
  std::string text;
  for (auto const& [what, n] : counts) text += " " + std::to_string(n) + " " + what;
  WARN("of " << whole.size() << " bytes:" << text);
}
