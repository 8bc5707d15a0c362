// outbox_writer: the running side of an outbox.
#pragma once

#include <weir/checkpoint/commitment.hpp>
#include <weir/connector/os_file.hpp>
#include <weir/connector/segment_spool.hpp>
#include <weir/core/retries.hpp>
#include <weir/core/retry_context.hpp>
#include <weir/core/schema.hpp>
#include <weir/core/sink.hpp>
#include <weir/core/try_again.hpp>
#include <weir/error.hpp>
#include <weir/state/codec.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

// Which record: the same one has the same id whenever it is delivered, and no other one ever has.
struct outbox_id {
  std::string_view sink;  // the uid
  std::string_view
      state;  // random, and the same for the life of a state directory; another one after a savepoint
  std::uint64_t epoch = 0;
  std::uint64_t index = 0;  // in the epoch, from 0

  // "alerts-0123456789abcdef-17-3": an idempotency key. The next record of a batch has the next index.
  std::string text(std::uint64_t further = 0) const {
    return std::string(sink) + "-" + std::string(state) + "-" + std::to_string(epoch) + "-" +
           std::to_string(index + further);
  }
};

namespace detail {

// The commitment of an outbox.
struct outbox_commitment {
  std::string state;
  std::uint64_t epoch = 0;  // 0: a claim
  std::string schema{};     // of the records
  spooled_segment records{};
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.state, r.epoch, r.schema, r.records);
  }
};

}  // namespace detail
}  // namespace weir

namespace weir::detail {

// What says by its exception, or by false, that it could not.
template <class Result>
concept outbox_answer = std::is_void_v<Result> || std::same_as<Result, bool>;
template <class F, class T>
concept delivers_one = requires(F const& f, T const& value, outbox_id const& id) {
  { f(value, id) } -> outbox_answer;
};
template <class F, class T>
concept delivers_several =
    !delivers_one<F, T> && requires(F const& f, std::span<T const> some, outbox_id const& id) {
      { f(some, id) } -> outbox_answer;
    };
template <class F>
concept outbox_target = std::is_class_v<F> && std::copy_constructible<F>;

template <class F, class T>
constexpr bool outbox_takes() {
  if constexpr (has_codec<T>)
    return delivers_one<F, T> || delivers_several<F, T>;
  else
    return false;
}

// Gives records to the function, and again where it fails.
template <class T, class F>
class outbox_courier {
 public:
  template <class Options>
  outbox_courier(std::string who, F f, Options const& options, retry_context* log)
      : who_(std::move(who)),
        f_(std::move(f)),
        retry_for_(options.retry_for),
        batch_(options.batch),
        log_(log) {
    if (batch_ == 0) throw config_error(who_ + ": .batch is zero records; give a positive number");
  }

  // All records whose bytes come in pieces; f(take) calls take(piece) for each.
  template <class Pieces>
  void deliver(outbox_id id, Pieces const& pieces) {
    std::string rest;
    std::vector<T> some;
    pieces([&](std::string_view piece) {
      rest += piece;
      std::string_view bytes = rest;
      while (bytes.size() >= 4) {
        std::size_t const length = load_little<std::uint32_t>(bytes.data());
        if (bytes.size() - 4 < length) break;
        decode(bytes.substr(4, length), some.emplace_back());
        bytes.remove_prefix(4 + length);
        if (some.size() == batch_) hand_over(id, some);
      }
      rest.erase(0, rest.size() - bytes.size());
    });
    hand_over(id, some);
  }

 private:
  void hand_over(outbox_id& id, std::vector<T>& some) {
    if constexpr (delivers_one<F, T>) {
      for (T const& value : some) {
        insist([&] { return f_(value, id); }, id);
        ++id.index;
      }
    } else if constexpr (delivers_several<F, T>) {
      if (!some.empty()) insist([&] { return f_(std::span<T const>(some), id); }, id);
      id.index += some.size();
    }
    some.clear();
  }
  template <class Call>
  void insist(Call const& call, outbox_id const& id) {
    for (retry_budget budget({.for_at_most = retry_for_});;) {
      std::string why;
      try {
        if constexpr (std::is_void_v<decltype(call())>)
          return call();
        else if (call())
          return;
        why = "the function said no";
      } catch (std::exception const& e) {
        why = e.what();
      }
      if (!try_again(budget, log_, id.sink, why))
        throw connector_error(who_ + ": record " + id.text() + " cannot be delivered: " + why + "; tried " +
                              std::to_string(budget.tries()) +
                              " times; look after the target and run again: it is kept until it is delivered");
    }
  }

  std::string who_;
  F f_;
  std::chrono::milliseconds retry_for_;
  std::size_t batch_;
  retry_context* log_;
};

template <class T, class F>
class outbox_writer : public record_writer<outbox_writer<T, F>, T> {
 public:
  template <class Noun>
  outbox_writer(Noun const& noun, sink_context const& context)
      : who_(connector_name("outbox", "sink", context.uid)),
        sink_(context.uid),
        from_savepoint_(context.from_savepoint),
        courier_(std::make_shared<outbox_courier<T, F>>(who_, noun.deliver, noun.options, context.retried)),
        spool_(who_, spool_folder(context.state_directory, context.uid)),
        said_{.state = random_identity()} {}

  void flush() {
    if (!kept_) send();
  }
  void finish() { send(); }

  void recover(std::optional<std::string_view> commitment, std::uint64_t epoch) {
    kept_ = true;
    if (!commitment) return spool_.recover(epoch, "");
    outbox_commitment said = read_commitment<outbox_commitment>(*commitment, who_);
    spool_.recover(epoch, said.records.spool);
    if (said.records.length != 0 && said.schema != codec<T>::schema())
      throw restore_error(who_ + ": records of epoch " + std::to_string(said.epoch) +
                          " were committed and are not delivered, and they were " + said.schema +
                          ", which are now " + codec<T>::schema() +
                          "; run the program that wrote them until they are delivered, then change it");
    publish(*courier_, who_, sink_, said, spool_.folder());
    // Whoever else goes on from the same savepoint must not use the same ids for other records.
    if (!from_savepoint_) said_.state = std::move(said.state);
  }
  // The ids say which state: known before anything is delivered.
  std::optional<std::string> claim() const { return commitment_bytes(said_); }

  sink_segment close_segment(std::uint64_t epoch) {
    struct closed {
      closing_segment records;
      outbox_commitment said;
    };
    auto const segment = std::make_shared<closed>(closed{spool_.close(epoch), said_});
    segment->said.epoch = epoch;
    segment->said.records = std::move(segment->records.said);
    outbox_commitment published{.state = said_.state, .epoch = epoch};
    if (segment->said.records.length != 0) segment->said.schema = codec<T>::schema();
    return {commitment_bytes(segment->said), [segment] { segment->records.make_durable(); },
            [segment, who = who_, sink = sink_, folder = spool_.folder(), courier = courier_] {
              publish(*courier, who, sink, segment->said, folder);
              segment->records.forget_last();
            },
            commitment_bytes(published)};
  }

 private:
  friend record_writer<outbox_writer<T, F>, T>;

  static void publish(outbox_courier<T, F>& courier, std::string const& who, std::string const& sink,
                      outbox_commitment const& said, std::string const& folder) {
    if (said.records.length == 0) return;
    courier.deliver({sink, said.state, said.epoch},
                    [&](auto const& take) { read_segment(who, said.records, folder, said.epoch, take); });
  }
  // Without checkpoints.
  void send() {
    text_buffer& records = spool_.buffer();
    if (records.empty()) return;
    ++said_.epoch;
    courier_->deliver({sink_, said_.state, said_.epoch}, [&](auto const& take) { take(records.view()); });
    records.clear();
  }
  void put(T const& value) {
    bytes_.assign(4, '\0');
    encode(value, bytes_);
    if (bytes_.size() - 4 > std::size_t{0xffffffff})
      throw connector_error(who_ + ": a record takes more than 4 GiB; split it before the sink");
    auto const length = static_cast<std::uint32_t>(bytes_.size() - 4);
    for (unsigned i = 0; i < 4; ++i) bytes_[i] = static_cast<char>(length >> (8 * i));
    spool_.buffer().append(bytes_);
    if (kept_) spool_.appended();
  }

  std::string who_, sink_;
  bool from_savepoint_;
  bool kept_ = false;  // until they are committed: there are checkpoints
  std::shared_ptr<outbox_courier<T, F>> courier_;
  segment_spool spool_;
  outbox_commitment said_;
  std::string bytes_;
};

}  // namespace weir::detail
