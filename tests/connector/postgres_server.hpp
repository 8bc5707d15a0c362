// A PostgreSQL server of the tests' own, on a private directory and a free port; started by the first that asks.
#pragma once

#include "catch.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/postgres_connection.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace weir_test {

class postgres_server {
 public:
  static postgres_server& get() {
    static postgres_server one;
    return one;
  }
  ~postgres_server() {
    if (installed_) order("stop");
    for (int const end : bond_) ::close(end);
  }
  // false, with a warning: there is no server on this machine.
  bool installed() const {
    if (!installed_) WARN("skipped: no PostgreSQL server is installed (Debian: apt-get install postgresql)");
    return installed_;
  }
  std::string const& connection() const { return connection_; }
  int port() const { return std::stoi(connection_.substr(connection_.find("port=") + 5)); }
  void crash() { order("crash"); }
  void stop() { order("stop"); }
  void start() {
    order("start");
    sql_.close();
  }
  // The first column of the first row, or "".
  std::string ask(std::string const& sql) {
    return sql_.with_retries([&] {
      auto const found = sql_.run(sql);
      return found.rows() == 0 || ::PQnfields(found.get()) == 0 ? std::string() : std::string(found.text(0, 0));
    });
  }

 private:
  postgres_server() {
    // Only this process holds the end that is written to: the server ends with it. The other one goes to the script.
    if (::pipe2(bond_, O_CLOEXEC) != 0 || ::fcntl(bond_[0], F_SETFD, 0) != 0)
      throw std::runtime_error("postgres_server: no pipe");
    installed_ = order("start") != 77;
    if (!installed_) return;
    sql_ = connect();
  }
  weir::detail::postgres_connection connect() const { return {"test", {connection_, limit, limit}}; }
  int order(char const* what) {
    std::string const line = "sh " WEIR_SOURCE_DIR "/tests/tools/postgres_server.sh " + std::string(what) +
                             " " + (folder_ / "pg").string() + " bound <&" + std::to_string(bond_[0]) +
                             " 2>/dev/null";
    std::FILE* const out = ::popen(line.c_str(), "r");
    std::string text;
    for (int c; (c = std::fgetc(out)) != EOF;)
      if (c != '\n') text += static_cast<char>(c);
    int const status = ::pclose(out);
    int const code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code != 0 && code != 77)
      throw std::runtime_error("postgres_server.sh " + std::string(what) + ": " + std::to_string(code));
    if (!text.empty()) connection_ = text;
    return code;
  }

  static constexpr std::chrono::milliseconds limit{10'000};
  temp_directory folder_;
  int bond_[2];
  std::string connection_;
  bool installed_ = false;
  weir::detail::postgres_connection sql_{"test", {"", limit, limit}};
};

// Stands between a client and the server, and does to them what networks do.
class postgres_proxy {
 public:
  explicit postgres_proxy(int server_port) : server_port_(server_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    ::sockaddr_in address = loopback(0);
    ::socklen_t length = sizeof address;
    REQUIRE(::bind(listener_, reinterpret_cast<::sockaddr*>(&address), length) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<::sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { work(); });
  }
  ~postgres_proxy() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string connection() const {
    return "host=127.0.0.1 port=" + std::to_string(port_) + " user=weir dbname=postgres sslmode=disable";
  }
  // The answer to the next message that holds this text never comes: the connection ends instead.
  void swallow_answer_to(std::string text) {
    text_ = std::move(text);
    armed_ = true;
  }
  // The next message that holds it does not arrive.
  void cut_at(std::string text) {
    cuts_ = true;
    swallow_answer_to(std::move(text));
  }
  // The answer never comes, and the connection does not end.
  void hold_answer_to(std::string text) {
    holds_ = true;
    swallow_answer_to(std::move(text));
  }
  bool happened() const { return happened_; }

 private:
  static ::sockaddr_in loopback(int port) {
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static bool pass(int from, int to, std::string& bytes) {
    bytes.resize(65536);
    auto const n = ::recv(from, bytes.data(), bytes.size(), 0);
    if (n <= 0) return false;
    bytes.resize(static_cast<std::size_t>(n));
    for (std::string_view rest = bytes; to >= 0 && !rest.empty();) {
      auto const put = ::send(to, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }
  // One client at a time.
  void work() {
    while (!ending_) {
      int const client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      int const server = ::socket(AF_INET, SOCK_STREAM, 0);
      ::sockaddr_in address = loopback(server_port_);
      if (::connect(server, reinterpret_cast<::sockaddr*>(&address), sizeof address) == 0)
        serve(client, server);
      ::close(client);
      ::close(server);
    }
  }
  void serve(int client, int server) {
    std::string bytes;
    while (!ending_) {
      ::pollfd p[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      ::poll(p, 2, 20);
      if (p[1].revents != 0 && !pass(server, client, bytes)) return;
      if (p[0].revents == 0) continue;
      if (!pass(client, -1, bytes)) return;
      bool const hit = armed_ && bytes.find(text_) != bytes.npos;
      if (hit) armed_ = false, happened_ = true;
      if (hit && cuts_) return;
      if (::send(server, bytes.data(), bytes.size(), MSG_NOSIGNAL) <= 0) return;
      if (!hit) continue;
      pass(server, -1, bytes);  // it has been carried out
      while (holds_ && pass(client, -1, bytes)) {
      }
      return;
    }
  }

  int server_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_{false};
  std::atomic<bool> armed_{false}, happened_{false};
  std::string text_;  // looked at only while armed
  std::atomic<bool> cuts_{false}, holds_{false};
  std::thread thread_;
};

}  // namespace weir_test
