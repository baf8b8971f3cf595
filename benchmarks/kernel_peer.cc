#include "benchmarks/kernel_peer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "bpfc/attach.h"
#include "measure/interleaved.h"

namespace bpfc::benchmarks {
namespace {

constexpr std::uint16_t kReturnConstant = 0x06;
constexpr std::uint16_t kReturnA = 0x16;

// Sends without end, nothing of which arrives.
class Sender {
 public:
  explicit Sender(const VerifiedProgram& program) {
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sockets_.data()) != 0) {
      error_ = "no sockets to be had";
      return;
    }
    const auto attached = attach_filter(sockets_[0], program);
    if (!attached) error_ = attached.error().message;
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  ~Sender() {
    for (const int socket : sockets_) {
      if (socket >= 0) close(socket);
    }
  }

  const std::string& error() const { return error_; }

  measure::Contender contender(const char* name) const {
    return {name, [this](std::span<const PacketView> packets) {
              return measure::sum_of_verdicts(packets, [this](const PacketView& packet) {
                (void)send(sockets_[1], packet.data, packet.captured, MSG_DONTWAIT | MSG_NOSIGNAL);
                return 0U;
              });
            }};
  }

 private:
  std::array<int, 2> sockets_ = {-1, -1};
  std::string error_;
};

}  // namespace

Expected<double, std::string> kernel_time(const Program& program,
                                          std::span<const PacketView> packets) {
  Program rejecting = program;
  for (Instruction& one : rejecting) {
    if (one.code == kReturnConstant || one.code == kReturnA) one = {kReturnConstant, 0, 0, 0};
  }
  const Program nothing = {{kReturnConstant, 0, 0, 0}};
  const auto whole = verify(rejecting, Rules::kKernel);
  if (!whole) return tl::unexpected(whole.error().message);
  const Sender with(*whole);
  const Sender without(*verify(nothing, Rules::kKernel));
  for (const Sender* sender : {&with, &without}) {
    if (!sender->error().empty()) return tl::unexpected(sender->error());
  }
  const std::array beside = {with.contender("filter"), without.contender("ret #0")};
  const measure::Measurement measured = measure::measure(beside, packets, {.seconds = 1});
  return measured.timings[0].nanoseconds - measured.timings[1].nanoseconds;
}

}  // namespace bpfc::benchmarks
