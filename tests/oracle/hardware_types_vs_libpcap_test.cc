// The link type that libpcap finds for an interface of each hardware type, on a TUN device that
// takes any (TUNSETLINK), in a network namespace of the test's own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>

#include "bpfc/interfaces.h"
#include "bpfc/link_type.h"
#include "judge/network_namespace.h"
#include "judge/veth_pair.h"

namespace bpfc::oracle {
namespace {

class TunDevice {
 public:
  explicit TunDevice(const std::string& name) : device_(open("/dev/net/tun", O_RDWR | O_CLOEXEC)) {
    if (device_ < 0) {
      why_not_ = std::string("cannot open /dev/net/tun: ") + std::strerror(errno);
      return;
    }
    ifreq request{};
    name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (ioctl(device_, TUNSETIFF, &request) != 0) {
      why_not_ = std::string("cannot make a TUN device: ") + std::strerror(errno);
    }
  }
  ~TunDevice() {
    if (device_ >= 0) close(device_);
  }
  TunDevice(const TunDevice&) = delete;
  TunDevice& operator=(const TunDevice&) = delete;

  const std::string& why_not() const { return why_not_; }
  // The device must be down.
  bool set_hardware_type(unsigned long type) const { return ioctl(device_, TUNSETLINK, type) == 0; }

 private:
  int device_;
  std::string why_not_;
};

// DLT_*, or what is wrong with it (negative).
int libpcap_link_type(const std::string& device) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(
      pcap_create(device.c_str(), error.data()), pcap_close);
  if (!handle) return -100;
  const int status = pcap_activate(handle.get());
  return status < 0 ? status : pcap_datalink(handle.get());
}

TEST(HardwareTypes, AreThoseOfLibpcap) {
  if (const auto why_not = judge::enter_network_namespace(); !why_not.empty())
    GTEST_SKIP() << why_not;
  const std::string name = "anything";
  const TunDevice device(name);
  if (!device.why_not().empty()) GTEST_SKIP() << device.why_not();
  int compared = 0;
  int known = 0;
  // Where linux/if_arp.h has any, and what it lacks.
  constexpr std::array<std::pair<int, int>, 6> kRanges = {
      {{0, 35}, {256, 295}, {510, 520}, {766, 830}, {8443, 8446}, {0xfffd, 0xffff}}};
  for (const auto& [first, last] : kRanges) {
    for (int type = first; type <= last; ++type) {
      ASSERT_EQ(judge::set_interface_up(name, false), "");
      ASSERT_TRUE(device.set_hardware_type(static_cast<unsigned long>(type))) << type;
      ASSERT_EQ(judge::set_interface_up(name, true), "");
      const auto interface = find_interface(name);
      ASSERT_TRUE(interface);
      ASSERT_EQ(interface->hardware_type, type);
      const SocketLink link = socket_link(interface->hardware_type);
      const LinkType* ours = find_link_type_of_file(link.file_link_type);
      ASSERT_NE(ours, nullptr);
      const int expected = libpcap_link_type(name);
      ++compared;
      known += link == any_interface_link() ? 0 : 1;
      if (link.file_link_type == any_interface_link().file_link_type) {
        EXPECT_EQ(expected, DLT_LINUX_SLL) << type;
      } else {
        EXPECT_EQ(expected, ours->number) << type << " " << ours->name;
      }
    }
  }
  std::cout << compared << " hardware types, " << known << " of them not cooked as LINUX_SLL2\n";
}

}  // namespace
}  // namespace bpfc::oracle
