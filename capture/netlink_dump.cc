#include "capture/netlink_dump.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "capture/file_descriptor.h"

namespace bpfc::capture {
namespace {

constexpr int kAttempts = 10;
constexpr time_t kSeconds = 5;
constexpr int kMostSignals = 1000;  // that may interrupt one system call
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
// What the kernel sends in one datagram, unless one object needs more.
constexpr std::size_t kUsualDatagram = 32768;
constexpr std::uint32_t kSequence = 1;

template <typename Call>
ssize_t persist(Call call) {
  ssize_t result = -1;
  for (int i = 0; i < kMostSignals; ++i) {
    result = call();
    if (result >= 0 || errno != EINTR) break;
  }
  return result;
}

int send_request(int socket, std::uint16_t type, Bytes request) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + request.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  header.nlmsg_seq = kSequence;
  std::vector<std::uint8_t> message(sizeof header + request.size());
  std::memcpy(message.data(), &header, sizeof header);
  std::copy(request.begin(), request.end(), message.begin() + sizeof header);
  return persist([&] { return send(socket, message.data(), message.size(), 0); }) < 0 ? errno : 0;
}

// Takes one datagram, of whatever length; 0 or errno.
int receive(int socket, std::vector<std::uint8_t>& buffer, std::size_t& size, bool& from_kernel) {
  const ssize_t waiting =
      persist([&] { return recv(socket, buffer.data(), buffer.size(), MSG_PEEK | MSG_TRUNC); });
  if (waiting < 0) return errno;
  const auto needed = static_cast<std::size_t>(waiting);
  if (needed > kMostBytes) return EMSGSIZE;
  if (needed > buffer.size()) buffer.resize(needed);
  sockaddr_nl sender{};
  socklen_t sender_size = sizeof sender;
  const ssize_t received = persist([&] {
    return recvfrom(socket, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&sender),
                    &sender_size);
  });
  if (received < 0) return errno;
  size = static_cast<std::size_t>(received);
  from_kernel = sender.nl_pid == 0;
  return 0;
}

Expected<NetlinkAnswer, int> ask_once(int protocol, std::uint16_t type, Bytes request,
                                      DumpState& state) {
  const int number = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (number < 0) return Unexpected<int>(errno);
  const FileDescriptor closes(number, DescriptorOwnership::kOwned);
  const timeval limit{kSeconds, 0};
  if (setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) {
    return Unexpected<int>(errno);
  }
  if (const int error = send_request(number, type, request); error != 0) {
    return Unexpected<int>(error);
  }
  NetlinkAnswer answer(kSequence);
  std::vector<std::uint8_t> buffer(kUsualDatagram);
  // Every datagram counts, so that nobody who sends empty ones keeps this going.
  std::size_t total = 0;
  do {
    std::size_t size = 0;
    bool from_kernel = false;
    const int error = receive(number, buffer, size, from_kernel);
    if (error == EAGAIN || error == EWOULDBLOCK) return Unexpected<int>(ETIMEDOUT);
    if (error != 0) return Unexpected<int>(error);
    total += size + sizeof(nlmsghdr);
    if (total > kMostBytes) return Unexpected<int>(EMSGSIZE);
    state = from_kernel ? answer.add({buffer.data(), size}) : DumpState::kGoesOn;
  } while (state == DumpState::kGoesOn);
  if (state == DumpState::kRefused) return Unexpected<int>(answer.error());
  return answer;
}

}  // namespace

DumpState NetlinkAnswer::add(Bytes datagram) {
  for (const NetlinkMessage& message : netlink_messages(datagram)) {
    if (message.sequence != sequence_) continue;
    interrupted_ = interrupted_ || (message.flags & NLM_F_DUMP_INTR) != 0;
    if (message.type == NLMSG_ERROR || message.type == NLMSG_DONE) {
      // Both begin with 0 or -errno.
      const auto status = read_prefix<std::int32_t>(message.payload);
      if (status < 0 && status > -4096) {
        error_ = -status;
        return DumpState::kRefused;
      }
      if (message.type == NLMSG_DONE) {
        return interrupted_ ? DumpState::kInterrupted : DumpState::kDone;
      }
      continue;
    }
    if (message.type < NLMSG_MIN_TYPE) continue;
    objects_.push_back({message.type, {message.payload.begin(), message.payload.end()}});
  }
  return DumpState::kGoesOn;
}

Expected<std::vector<NetlinkObject>, int> netlink_dump(int protocol, std::uint16_t type,
                                                       Bytes request) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    DumpState state = DumpState::kGoesOn;
    auto answer = ask_once(protocol, type, request, state);
    if (!answer) return Unexpected<int>(answer.error());
    if (state == DumpState::kDone) return answer->objects();
  }
  return Unexpected<int>(EAGAIN);
}

}  // namespace bpfc::capture
