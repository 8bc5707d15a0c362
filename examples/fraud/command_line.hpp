// The options of the fraud job.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct options {
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path output, late, state;
  bool durable = true;
  bool overwrite = false;
  std::chrono::nanoseconds checkpoint_every = std::chrono::seconds{1};
  std::uint64_t generate = 0;
  std::uint64_t seed = 1;
  std::uint64_t crash_after = 0;
  bool progress = false;
  std::filesystem::path savepoint, from_savepoint;
};

inline constexpr std::string_view usage =
    "fraud_detection --input FILE... --output FILE [--late FILE] --state DIR [--checkpoint-every DURATION]\n"
    "fraud_detection --input FILE... --output FILE [--late FILE] --store memory\n"
    "fraud_detection ... --state DIR --savepoint FILE\n"
    "fraud_detection --input FILE --generate N [--seed S]\n"
    "  --input FILE              payments as CSV; several times: several files, read beside each other\n"
    "  --output FILE             alerts as JSON lines; must not exist when the state is new\n"
    "  --late FILE               payments that came too late for a rule; OUTPUT.late without it\n"
    "  --store lmdb|memory       memory: no checkpoints, nothing survives a crash (default lmdb)\n"
    "  --state DIR               where state and positions are kept; a run goes on where the last commit was\n"
    "  --checkpoint-every D      500ms, 10s, 2min (default 1s)\n"
    "  --savepoint FILE          write what is in the state directory to a new file, process nothing, and "
    "exit\n"
    "  --from-savepoint FILE     a new state directory begins with what the savepoint holds\n"
    "  --overwrite               with a new state, replace output files that exist\n"
    "  --generate N --seed S     write N payments to the input file and exit\n"
    "  --crash-after N           kill -9 this process once it has read N payments\n"
    "  --progress                show how far it is, every 4,096 payments\n";

// "500ms", "10s", "2min", "1h"
inline std::chrono::nanoseconds parse_duration(std::string_view text) {
  std::uint64_t n = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  std::string_view const unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error == std::errc{} && n > 0) {
    if (unit == "ms") return std::chrono::milliseconds(n);
    if (unit == "s") return std::chrono::seconds(n);
    if (unit == "min" || unit == "m") return std::chrono::minutes(n);
    if (unit == "h") return std::chrono::hours(n);
  }
  throw std::invalid_argument("\"" + std::string(text) +
                              "\" is no length of time; write 500ms, 10s, 2min or 1h");
}

inline std::uint64_t parse_number(std::string_view option, std::string_view text) {
  std::uint64_t n = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size())
    throw std::invalid_argument(std::string(option) + " takes a number, not \"" + std::string(text) + "\"");
  return n;
}

// Error: std::invalid_argument, in words.
inline options parse_options(int argc, char** argv) {
  options o;
  bool state_given = false, every_given = false;
  for (int i = 1; i < argc; ++i) {
    std::string_view const name = argv[i];
    auto const value = [&]() -> std::string_view {
      if (i + 1 == argc) throw std::invalid_argument(std::string(name) + " needs a value");
      return argv[++i];
    };
    // clang-format off
    if (name == "--input") o.inputs.emplace_back(value());
    else if (name == "--output") o.output = value();
    else if (name == "--late") o.late = value();
    else if (name == "--state") o.state = value(), state_given = true;
    else if (name == "--checkpoint-every") o.checkpoint_every = parse_duration(value()), every_given = true;
    else if (name == "--generate") o.generate = parse_number(name, value());
    else if (name == "--seed") o.seed = parse_number(name, value());
    else if (name == "--crash-after") o.crash_after = parse_number(name, value());
    else if (name == "--savepoint") o.savepoint = value();
    else if (name == "--from-savepoint") o.from_savepoint = value();
    else if (name == "--overwrite") o.overwrite = true;
    else if (name == "--progress") o.progress = true;
    else if (name == "--store") {
      std::string_view const store = value();
      if (store != "lmdb" && store != "memory")
        throw std::invalid_argument("--store takes lmdb or memory, not \"" + std::string(store) + "\"");
      o.durable = store == "lmdb";
    } else {
      throw std::invalid_argument("there is no option " + std::string(name));
    }
    // clang-format on
  }
  if (o.inputs.empty()) throw std::invalid_argument("--input is missing");
  if (o.generate > 0) return o;
  if (o.output.empty()) throw std::invalid_argument("--output is missing");
  if (o.late.empty()) o.late = o.output, o.late += ".late";
  if (o.durable && !state_given)
    throw std::invalid_argument(
        "--state is missing; give a directory, or --store memory to run without checkpoints");
  if (!o.durable && (state_given || every_given || !o.savepoint.empty() || !o.from_savepoint.empty()))
    throw std::invalid_argument(
        "--store memory has no checkpoints: leave out --state, --checkpoint-every, --savepoint and "
        "--from-savepoint");
  return o;
}
