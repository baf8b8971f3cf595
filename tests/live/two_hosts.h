// Two hosts on a cable: this process on one end, and on the other, in a network namespace of its
// own, a process that serves HTTP and DNS.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bpfc::live_test {

// To be made once a process: it moves into a network namespace, and stays there.
class TwoHosts {
 public:
  static constexpr const char* kInterface = "client";  // ours
  static constexpr const char* kOwnAddress = "10.66.0.1";
  static constexpr const char* kServer = "10.66.0.2";

  using Frame = std::vector<std::uint8_t>;

  // `frames`: for receive().
  explicit TwoHosts(std::vector<Frame> frames = {});
  ~TwoHosts();
  TwoHosts(const TwoHosts&) = delete;
  TwoHosts& operator=(const TwoHosts&) = delete;

  // Empty, or why there are none.
  const std::string& why_not() const { return why_not_; }

  // A page over TCP; whether it came.
  bool fetch(const std::string& path) const;
  // The address of a name over UDP; whether an answer came.
  bool ask(const std::string& name) const;
  // The frames come from the other host.
  bool receive() const { return ask(kFrames); }
  // A frame as it is.
  bool send(std::span<const std::uint8_t> frame) const;

 private:
  static constexpr const char* kFrames = "frames.please";

  bool set_up();
  [[noreturn]] void be_server(int ready, int go) const;
  [[noreturn]] void serve() const;
  void answer(int socket) const;

  std::vector<Frame> frames_;
  std::string why_not_;
  pid_t server_ = -1;
};

// Runs `ip` (ip(8)) with these words. Empty, or what it says.
std::string run_ip(const std::string& words);

}  // namespace bpfc::live_test
