// The computation of bench/state.cpp on RocksDB, tuned for it: a Get and a Put for each event, and behind the layers in
// memory that weir has.
#pragma once

#include "state_events.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <future>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

// No log: what a checkpoint flushes is durable, as Flink uses it.
class rocksdb_store {
 public:
  // block_cache and write_buffer in bytes.
  explicit rocksdb_store(std::filesystem::path const& folder, std::size_t block_cache = std::size_t{2} << 30,
                         std::size_t write_buffer = std::size_t{256} << 20) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(block_cache);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
    table.format_version = 5;
    rocksdb::Options options;
    options.create_if_missing = true;
    options.IncreaseParallelism(2);
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.write_buffer_size = write_buffer;
    options.max_write_buffer_number = 4;
    options.memtable_prefix_bloom_size_ratio = 0.1;
    options.memtable_whole_key_filtering = true;
    options.compression = rocksdb::kNoCompression;
    options.max_open_files = -1;
    options.optimize_filters_for_hits = true;
    options.use_adaptive_mutex = true;
    read_.verify_checksums = false;
    write_.disableWAL = true;
    rocksdb::DB* db = nullptr;
    check(rocksdb::DB::Open(options, folder.string(), &db));
    db_.reset(db);
  }

  // The order of the keys in the store.
  static bool before(state_key const& a, state_key const& b) { return std::memcmp(&a, &b, sizeof a) < 0; }
  static rocksdb::Slice slice(state_key const& key) {
    return {reinterpret_cast<char const*>(&key), sizeof key};
  }
  static rocksdb::Slice slice(state_value const& value) {
    return {reinterpret_cast<char const*>(&value), sizeof value};
  }
  state_value get(state_key const& key) {
    state_value value{};
    found_.Reset();
    rocksdb::Status const status = db_->Get(read_, db_->DefaultColumnFamily(), slice(key), &found_);
    if (status.IsNotFound()) return value;
    check(status);
    std::memcpy(&value, found_.data(), sizeof value);
    return value;
  }
  void put(state_key const& key, state_value const& value) {
    check(db_->Put(write_, slice(key), slice(value)));
  }
  void write(rocksdb::WriteBatch& batch) { check(db_->Write(write_, &batch)); }
  void flush() { check(db_->Flush({})); }

  // Every key with what one event makes of it, in sorted files at the lowest level.
  void fill(std::uint64_t keys, std::filesystem::path const& files) {
    std::vector<std::uint64_t> order(keys);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    std::sort(order.begin(), order.end(),
              [](std::uint64_t a, std::uint64_t b) { return before(key_of(a), key_of(b)); });
    std::filesystem::create_directories(files);
    std::vector<std::string> made;
    for (std::uint64_t i = 0; i < keys;) {
      rocksdb::SstFileWriter file({}, db_->GetOptions());
      made.push_back((files / std::to_string(i)).string());
      check(file.Open(made.back()));
      for (std::uint64_t const end = std::min<std::uint64_t>(keys, i + 1'000'000); i < end; ++i) {
        state_value value{};
        change(value, amount_of(order[i]));
        check(file.Put(slice(key_of(order[i])), slice(value)));
      }
      check(file.Finish());
    }
    rocksdb::IngestExternalFileOptions moved;
    moved.move_files = true;
    check(db_->IngestExternalFile(made, moved));
  }
  // Reads all into the cache of blocks.
  void warm() {
    std::unique_ptr<rocksdb::Iterator> const all(db_->NewIterator(read_));
    for (all->SeekToFirst(); all->Valid(); all->Next()) {
    }
    check(all->status());
  }
  // Until no compaction is left over from what was before.
  void settle() {
    for (int tries = 0; tries < 300; ++tries) {
      std::uint64_t running = 0, pending = 0;
      db_->GetIntProperty("rocksdb.num-running-compactions", &running);
      db_->GetIntProperty("rocksdb.compaction-pending", &pending);
      if (running + pending == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }

 private:
  static void check(rocksdb::Status const& status) {
    if (!status.ok()) throw std::runtime_error("RocksDB: " + status.ToString());
  }
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ReadOptions read_;
  rocksdb::WriteOptions write_;
  rocksdb::PinnableSlice found_;
};

// Get and Put, and a flush at each checkpoint.
inline std::uint64_t rocksdb_direct(rocksdb_store& store, key_indices const& events, std::uint64_t every) {
  std::uint64_t checksum = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    state_key const key = key_of(events[i]);
    state_value value = store.get(key);
    checksum += static_cast<std::uint64_t>(change(value, amount_of(i)));
    store.put(key, value);
    if ((i + 1) % every == 0) store.flush();
  }
  store.flush();
  return checksum;
}

// Changed, frozen and clean layers in memory as weir's own: what is frozen is written, sorted, on another thread.
class rocksdb_layers {
 public:
  explicit rocksdb_layers(rocksdb_store& store) : store_(store) {}

  std::uint64_t run(key_indices const& events, std::uint64_t every) {
    std::uint64_t checksum = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      state_key const key = key_of(events[i]);
      auto at = changed_.find(key);
      if (at == changed_.end()) at = changed_.emplace(key, below(key)).first;
      checksum += static_cast<std::uint64_t>(change(at->second, amount_of(i)));
      if ((i + 1) % 4096 == 0 && written_ready()) written();
      if ((i + 1) % every == 0) checkpoint();
    }
    checkpoint();
    written();
    clean_ = {};
    return checksum;
  }

 private:
  struct hash {
    using is_avalanching = void;
    std::size_t operator()(state_key const& k) const { return k.high; }
  };
  using layer = boost::unordered_flat_map<state_key, state_value, hash>;

  state_value below(state_key const& key) {
    for (layer const* l : {&frozen_, &clean_})
      if (auto const at = l->find(key); at != l->end()) return at->second;
    return store_.get(key);
  }
  bool written_ready() const {
    return writing_.valid() && writing_.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
  }
  void written() {
    if (!writing_.valid()) return;
    writing_.get();
    std::swap(clean_, frozen_);
    frozen_.clear();
  }
  void checkpoint() {
    written();
    if (changed_.empty()) return;
    std::swap(frozen_, changed_);  // the room of the layer that was written last is used again
    changed_.reserve(frozen_.size());
    writing_ = std::async(std::launch::async, [this] {
      std::vector<std::pair<state_key, state_value>> all(frozen_.begin(), frozen_.end());
      std::sort(all.begin(), all.end(),
                [](auto const& a, auto const& b) { return rocksdb_store::before(a.first, b.first); });
      rocksdb::WriteBatch batch(all.size() * 56);
      for (auto const& [key, value] : all) batch.Put(rocksdb_store::slice(key), rocksdb_store::slice(value));
      store_.write(batch);
      store_.flush();
    });
  }

  rocksdb_store& store_;
  layer changed_, frozen_, clean_;
  std::future<void> writing_;
};

}  // namespace bench
