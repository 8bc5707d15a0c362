// The exceptions that weir throws: one small family, each saying what, where and what to do.
#pragma once

#include <weir/config.hpp>

#include <stdexcept>
#include <string>

namespace weir {

// Every exception of weir derives from this one.
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A policy or an option has a value that makes no sense; nothing has run.
class config_error : public error {
 public:
  using error::error;
};

// Bytes that are not what their format promises.
class format_error : public error {
 public:
  using error::error;
};

// The state store failed: the disk, the file or what is in it.
class store_error : public error {
 public:
  using error::error;
};

// What was saved does not fit what is to be run.
class restore_error : public error {
 public:
  using error::error;
};

// A source or a sink failed.
class connector_error : public error {
 public:
  using error::error;
};

}  // namespace weir
