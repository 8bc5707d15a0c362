// Savepoints. The first byte chooses what the others are: 'r' the file itself; 'g' damage to golden/1.save; 'b' blocks of a file
// whose checksums are right; 'e' changes of what golden/1.save holds, written again with checksums that are right.
#include "fuzz.hpp"

#include <weir/checkpoint/inspection.hpp>
#include <weir/checkpoint/savepoint_format.hpp>
#include <weir/error.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/state/bytes.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using weir::detail::database;
using weir_fuzz::require;

struct entry {
  database where;
  std::string key, payload;
  bool operator==(entry const&) const = default;
};

// A file without a disk.
class memory_file {
 public:
  explicit memory_file(std::string_view content) : fd_(::memfd_create("savepoint", 0)) {
    require(fd_ >= 0, "there is room for a file");
    while (!content.empty()) {
      auto const put = ::write(fd_, content.data(), content.size());
      require(put > 0, "there is room for a file");
      content.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  memory_file(memory_file const&) = delete;
  memory_file& operator=(memory_file const&) = delete;
  ~memory_file() { ::close(fd_); }
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

std::string const& golden_file() {
  static std::string const content = [] {
    std::ifstream in(std::string(WEIR_SOURCE_DIR) + "/tests/checkpoint/golden/1.save", std::ios::binary);
    std::string all((std::istreambuf_iterator<char>(in)), {});
    require(all.size() > 1000, "golden/1.save is there");
    return all;
  }();
  return content;
}

// False: refused in weir's words. Whatever else is thrown ends the program.
template <class F>
bool allowed(F f) {
  try {
    f();
    return true;
  } catch (weir::restore_error const& refused) {
    require(std::string_view(refused.what()).starts_with("weir"), "a refusal is in words", refused.what());
  } catch (weir::format_error const& refused) {
    require(std::string_view(refused.what()).starts_with("weir"), "a refusal is in words", refused.what());
  } catch (weir::detail::damaged_store const& refused) {  // what is told of it by inspection
    require(std::string_view(refused.what()).starts_with("weir"), "a refusal is in words", refused.what());
  }
  return false;
}

bool read(std::string_view content, std::vector<entry>& all) {
  memory_file const file(content);
  return allowed([&] {
    weir::detail::savepoint_reader reader(file.path());
    reader.for_each([&](database d, std::string_view key, std::string_view payload) {
      all.push_back({d, std::string(key), std::string(payload)});
    });
  });
}

std::vector<entry> const& golden_entries() {
  static std::vector<entry> const all = [] {
    std::vector<entry> entries;
    require(read(golden_file(), entries) && entries.size() > 50, "golden/1.save can be read");
    return entries;
  }();
  return all;
}

// Everything that a tool shows of a savepoint.
void inspect(std::string_view content) {
  memory_file const file(content);
  allowed([&] {
    weir::inspection of(file.path());
    weir::text_buffer out;
    auto const show = [&](weir::stored_entry const& e) {
      out.clear();
      allowed([&] {
        e.form->write_key(out, e.form->key, e.key);
        if (e.has_map_key) e.form->write_key(out, e.form->map_key, e.map_key);
      });
      if (!e.timer) allowed([&] { e.form->write_value(out, e.value); });
      require(out.size() < std::size_t{1} << 24, "what is shown is not larger without bounds");
    };
    of.for_each(show, [](std::string const& what) { require(!what.empty(), "damage is told in words"); });
    for (auto const& state : of.states())
      if (!state.uid.empty()) of.for_key(state.id, "key", show);
  });
}

// A savepoint with these blocks: kind and payload.
class made_file {
 public:
  made_file() : content_(weir::detail::savepoint_magic) { block(1, std::string("\1\0\0\0", 4)); }
  void block(std::uint32_t kind, std::string_view payload) {
    std::string header;
    weir::detail::append_little(header, kind);
    weir::detail::append_little(header, static_cast<std::uint32_t>(payload.size()));
    weir::detail::append_little(header, weir::detail::savepoint_checksum(header, content_.size(), payload));
    content_.append(header).append(payload);
  }
  void add(entry const& e) {
    std::string payload;
    weir::detail::append_little(payload, static_cast<std::uint32_t>(e.key.size()));
    weir::detail::append_little(payload, static_cast<std::uint32_t>(e.payload.size()));
    block(static_cast<std::uint32_t>(weir::detail::part_of(e.where)), payload + e.key + e.payload);
    ++counts_[static_cast<std::size_t>(e.where)];
  }
  std::string const& finish() {
    std::string end;
    for (std::uint64_t const n : counts_) weir::detail::append_little(end, n);
    weir::detail::append_little(end, std::uint64_t{content_.size()});
    block(5, end);
    return content_;
  }
  std::string const& content() const { return content_; }

 private:
  std::string content_;
  std::array<std::uint64_t, weir::detail::database_count> counts_{};
};

void change(std::string& text, weir_fuzz::bytes& in) {
  std::uint8_t const how = in.byte();
  std::size_t const at = in.number<std::uint32_t>() % (text.size() + 1);
  switch (how % 4) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ in.byte());
      break;
    case 1:
      text.resize(at);
      break;
    case 2: {
      std::string_view const more = in.take(in.byte() % 32);
      text.insert(at, more);
      break;
    }
    default: {  // a piece moves
      std::string const piece = text.substr(at, in.number<std::uint16_t>());
      text.erase(at, piece.size());
      text.insert(in.number<std::uint32_t>() % (text.size() + 1), piece);
    }
  }
}

// Whatever was done to a savepoint: what it held, or a refusal.
void check_damage(weir_fuzz::bytes in) {
  std::string content = golden_file();
  for (int i = 0; i < 8 && !in.empty(); ++i) change(content, in);
  std::vector<entry> all;
  bool const whole = read(content, all);
  require(whole == (content == golden_file()), "what is damaged is refused, and nothing else");
  require(!whole || all == golden_entries(), "what is not refused is what was written");
}

void check_blocks(weir_fuzz::bytes in) {
  made_file made;
  bool finish = true;
  for (int i = 0; i < 16 && !in.empty(); ++i) {
    std::uint8_t const kind = in.byte();
    if (kind == 'n') finish = false;
    if (kind == 'a') {
      auto const where = static_cast<database>(in.byte() % weir::detail::database_count);
      std::string key(in.take(in.byte()));
      made.add({where, std::move(key), std::string(in.take(in.byte()))});
    } else {
      made.block(kind, in.take(in.number<std::uint16_t>()));
    }
  }
  std::string const content = finish ? made.finish() : made.content();
  std::vector<entry> all;
  read(content, all);
  inspect(content);
}

// A state with another schema than its bytes have.
void change_schema(std::string& layout, std::uint8_t which, weir_fuzz::bytes& in) {
  weir::detail::layout_record record;
  if (!allowed([&] { weir::decode(layout, record); }) || record.states.empty()) return;
  weir::state_entry& state = record.states[in.byte() % record.states.size()];
  change((which & 4) != 0 ? state.key_schema : state.schema, in);
  layout.clear();
  weir::encode(record, layout);
}

// A tool may be given what no weir has written: states without sense, other schemas than the bytes have.
void check_contents(weir_fuzz::bytes in) {
  static std::vector<entry> const few = [] {
    std::vector<entry> some;
    std::size_t n = 0;
    for (entry const& e : golden_entries())
      if (e.where == database::meta || n++ % 16 == 0) some.push_back(e);
    return some;
  }();
  std::vector<entry> all = few;
  entry& layout = *std::find_if(all.begin(), all.end(), [](entry const& e) { return e.key == "layout"; });
  for (int i = 0; i < 8 && !in.empty(); ++i) {
    entry& e = all[in.number<std::uint16_t>() % all.size()];
    std::uint8_t const what = in.byte();
    if (what % 4 == 3)
      change_schema(layout.payload, what, in);
    else
      change(what % 4 == 0 ? e.key : e.payload, in);
  }
  made_file made;
  for (entry const& e : all) made.add(e);
  std::string const content = made.finish();
  std::vector<entry> again;
  require(read(content, again) && again == all, "what was written is read as the same");
  inspect(content);
  for (entry const& e : all) {
    if (e.where != database::meta) continue;
    allowed([&] {
      weir::commit c;
      weir::decode(e.payload, c);
    });
    allowed([&] {
      weir::detail::layout_record record;
      weir::decode(e.payload, record);
    });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  weir_fuzz::bytes in(data, size);
  switch (in.byte()) {
    case 'g':
      check_damage(in);
      break;
    case 'b':
      check_blocks(in);
      break;
    case 'e':
      check_contents(in);
      break;
    default: {
      std::vector<entry> all;
      read(in.rest(), all);
      inspect(in.rest());
    }
  }
  return 0;
}
