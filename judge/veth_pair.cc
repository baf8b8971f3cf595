#include "judge/veth_pair.h"

#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

namespace bpfc::judge {
namespace {

constexpr std::uint32_t kGreatestMtu = 65535;

Unexpected<std::string> failure(const std::string& what, int error) {
  return Unexpected<std::string>("cannot " + what + ": " + std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

// A netlink message (netlink(7)); attributes nest.
class Message {
 public:
  Message(std::uint16_t type, std::uint16_t flags) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = flags;
    append(&header, sizeof header);
  }

  void append(const void* data, std::size_t size) {
    const auto* first = static_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), first, first + size);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }
  void append_interface() {
    const ifinfomsg nothing_chosen{};
    append(&nothing_chosen, sizeof nothing_chosen);
  }
  // `fill` appends what the attribute holds.
  template <typename Fill>
  void attribute(std::uint16_t type, Fill fill) {
    const std::size_t start = bytes_.size();
    const rtattr unfinished{0, type};
    append(&unfinished, sizeof unfinished);
    fill();
    const rtattr finished{static_cast<std::uint16_t>(bytes_.size() - start), type};
    std::memcpy(&bytes_[start], &finished, sizeof finished);
  }
  void text(std::uint16_t type, const std::string& value) {
    attribute(type, [&] { append(value.c_str(), value.size() + 1); });
  }
  void number(std::uint16_t type, std::uint32_t value) {
    attribute(type, [&] { append(&value, sizeof value); });
  }
  std::span<const std::uint8_t> finish() {
    const auto length = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &length, sizeof length);
    return bytes_;
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

// 0, or the errno of the request.
int request(Message& message) {
  const Descriptor netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (netlink.number() < 0) return errno;
  const auto bytes = message.finish();
  if (send(netlink.number(), bytes.data(), bytes.size(), 0) < 0) return errno;
  struct {
    nlmsghdr header;
    nlmsgerr error;
    std::array<char, 1024> rest;
  } answer{};
  const ssize_t size = recv(netlink.number(), &answer, sizeof answer, 0);
  if (size < 0) return errno;
  return answer.header.nlmsg_type == NLMSG_ERROR ? -answer.error.error : EPROTO;
}

int change_interface(ifreq& change, const std::string& name, unsigned long operation) {
  const Descriptor any(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (any.number() < 0) return errno;
  name.copy(change.ifr_name, sizeof change.ifr_name - 1);
  return ioctl(any.number(), operation, &change) == 0 ? 0 : errno;
}

Expected<NetworkInterface, std::string> bring_up(const std::string& name) {
  if (std::string why = set_interface_up(name, true); !why.empty()) {
    return Unexpected<std::string>(std::move(why));
  }
  NetworkInterface made{name, if_nametoindex(name.c_str()), {}};
  ifreq asked{};
  if (const int error = change_interface(asked, name, SIOCGIFHWADDR); error != 0) {
    return failure("ask for the address of " + name, error);
  }
  std::copy_n(asked.ifr_hwaddr.sa_data, made.address.size(), made.address.begin());
  return made;
}

}  // namespace

std::string set_interface_up(const std::string& name, bool up) {
  ifreq flags{};
  if (const int error = change_interface(flags, name, SIOCGIFFLAGS); error != 0) {
    return failure("find " + name, error).value();
  }
  const int changed = up ? flags.ifr_flags | IFF_UP : flags.ifr_flags & ~IFF_UP;
  flags.ifr_flags = static_cast<short>(changed);
  const int error = change_interface(flags, name, SIOCSIFFLAGS);
  return error == 0 ? ""
                    : failure(std::string("take ") + name + (up ? " up" : " down"), error).value();
}

Expected<VethPair, std::string> make_veth_pair(const std::string& name) {
  Message message(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  message.append_interface();
  message.text(IFLA_IFNAME, name + "a");
  message.number(IFLA_MTU, kGreatestMtu);
  message.attribute(IFLA_LINKINFO, [&] {
    message.text(IFLA_INFO_KIND, "veth");
    message.attribute(IFLA_INFO_DATA, [&] {
      message.attribute(VETH_INFO_PEER, [&] {
        message.append_interface();
        message.text(IFLA_IFNAME, name + "b");
        message.number(IFLA_MTU, kGreatestMtu);
      });
    });
  });
  if (const int error = request(message); error != 0) {
    return failure("make a pair of veth interfaces", error);
  }
  auto near = bring_up(name + "a");
  if (!near) return Unexpected<std::string>(near.error());
  auto far = bring_up(name + "b");
  if (!far) return Unexpected<std::string>(far.error());
  return VethPair{*std::move(near), *std::move(far)};
}

}  // namespace bpfc::judge
