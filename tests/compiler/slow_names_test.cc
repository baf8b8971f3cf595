// A name service that is slow, away or not set up: an error in time, from SystemNameResolver and
// from compile().
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <system_error>

#include "bpfc/compile.h"
#include "tests/compiler/private_etc.h"

namespace bpfc {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kTimeout{300};
// What a loaded machine may add to it.
constexpr milliseconds kLate{3000};

using Contents = std::map<std::string, std::string>;

// A folder for /etc.
class Files {
 public:
  explicit Files(const Contents& contents) {
    std::string pattern = std::filesystem::temp_directory_path() / "bpfc-etc-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), "mkdtemp");
    }
    path_ = pattern;
    for (const auto& [name, text] : contents) std::ofstream(path_ / name) << text;
  }
  ~Files() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  std::string path(const std::string& name = "") const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The C library gives it up after seconds: the calls left behind end, if perhaps not before the
// program does.
const std::string kSilentServer = "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n";

class SlowNames : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string& reason = testing::enter_private_namespaces();
    if (!reason.empty()) GTEST_SKIP() << reason;
  }

  // How an answer fails, and that it does in time.
  template <typename Ask>
  NameError error(Ask ask) {
    const auto start = Clock::now();
    const auto answer = ask();
    EXPECT_LT(Clock::now() - start, kTimeout + kLate);
    if (answer) {
      ADD_FAILURE() << "an answer";
      return {};
    }
    EXPECT_FALSE(answer.error().message.empty());
    return answer.error();
  }
  NameError::Kind host(const char* name) {
    return error([&] { return resolver_.host(name); }).kind;
  }
  NameError::Kind network(const char* name) {
    return error([&] { return resolver_.network(name); }).kind;
  }

  std::string message(const std::string& filter, const NameResolver& resolver) {
    CompileOptions options;
    options.resolver = &resolver;
    const auto start = Clock::now();
    const auto compiled = compile(filter, options);
    EXPECT_LT(Clock::now() - start, kTimeout + kLate);
    if (compiled) return "compiles";
    EXPECT_EQ(compiled.error().code, DiagnosticCode::kUnknownName);
    return compiled.error().message;
  }

  const SystemNameResolver resolver_{SystemNameResolverOptions{.timeout = kTimeout}};
  // Where an answer is expected that must not depend on how busy the machine is.
  const SystemNameResolver patient_{};
};

TEST_F(SlowNames, OfANameServerThatNeverAnswers) {
  const Files files(Contents{{"nsswitch.conf", "hosts: files dns\nnetworks: files dns\n"},
                             {"hosts", "10.1.2.3 alpha\n"},
                             {"networks", "ten 10\n"},
                             {"resolv.conf", kSilentServer}});
  const testing::SilentNameServer server;
  const testing::PrivateEtc etc(files.path());
  EXPECT_EQ(host("nobody"), NameError::Kind::kTimedOut);
  EXPECT_EQ(network("nowhere"), NameError::Kind::kTimedOut);
  EXPECT_EQ(message("tcp and (src host nobody or port 80)", resolver_),
            "unknown host 'nobody': the system's name service did not answer in time");
  EXPECT_EQ(message("net nowhere", resolver_).find("unknown network 'nowhere'"), 0U);
  // What the files know is there at once, also while those calls are under way.
  EXPECT_EQ(patient_.host("alpha"), (HostAddresses{{0x0a010203}, {}}));
  EXPECT_EQ(patient_.network("ten"), 0x0a000000U);
}

TEST_F(SlowNames, OfANameServerThatIsNotReached) {
  // Port 53 of the loopback device, where nobody listens; and a network that is not there.
  for (const char* server : {"nameserver 127.0.0.1\n", "nameserver 192.0.2.1\n"}) {
    const Files files(Contents{{"nsswitch.conf", "hosts: files dns\nnetworks: files dns\n"},
                               {"resolv.conf", server}});
    const testing::PrivateEtc etc(files.path());
    const auto answer = patient_.host("nobody");
    ASSERT_FALSE(answer) << server;
    EXPECT_EQ(answer.error().kind, NameError::Kind::kFailed) << server;
    const auto network = patient_.network("nowhere");
    ASSERT_FALSE(network) << server;
    EXPECT_EQ(network.error().kind, NameError::Kind::kFailed) << server << network.error().message;
  }
}

// Files that block whoever opens them, as on a file server that is away.
TEST_F(SlowNames, OfFilesThatBlock) {
  struct Case {
    const char* file;
    std::function<NameError(const NameResolver&)> ask;
  };
  const auto ask = [](auto member, const char* name) {
    return [=](const NameResolver& resolver) {
      const auto answer = (resolver.*member)(name);
      return answer ? NameError() : answer.error();
    };
  };
  for (const Case& c : {
           Case{"hosts", ask(&NameResolver::host, "nobody")},
           Case{"networks", ask(&NameResolver::network, "nowhere")},
           Case{"services", ask(&NameResolver::port, "nothing")},
           Case{"protocols", ask(&NameResolver::protocol, "nothing")},
           Case{"ethers", ask(&NameResolver::ether, "nobody")},
       }) {
    const Files files(Contents{
        {"nsswitch.conf", "hosts: files\nnetworks: files\nservices: files\nprotocols: files\n"}});
    ASSERT_EQ(mkfifo(files.path(c.file).c_str(), 0600), 0);
    {
      const testing::PrivateEtc etc(files.path());
      EXPECT_EQ(error([&]() -> Expected<int, NameError> {
                  return Unexpected<NameError>(c.ask(resolver_));
                }).kind,
                NameError::Kind::kTimedOut)
          << c.file;
    }
    // Lets the abandoned call end: it reads an empty file.
    const int writing_end = open(files.path(c.file).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    EXPECT_GE(writing_end, 0) << c.file << " was not read";
    close(writing_end);
  }
}

// Nothing in /etc at all: by default the C library asks files and a name server of this machine,
// which there is not.
TEST_F(SlowNames, OfNoFiles) {
  const Files files(Contents{});
  const testing::PrivateEtc etc(files.path());
  EXPECT_NE(error([&] { return patient_.network("nowhere"); }).kind, NameError::Kind::kTimedOut);
  EXPECT_NE(error([&] { return patient_.host("nobody"); }).kind, NameError::Kind::kTimedOut);
  EXPECT_EQ(error([&] { return patient_.ether("nobody"); }),
            (NameError{NameError::Kind::kUnknown, "there is no /etc/ethers to be read"}));
  EXPECT_EQ(error([&] { return patient_.port("nothing"); }).kind, NameError::Kind::kUnknown);
  EXPECT_EQ(error([&] { return patient_.protocol("nothing"); }).kind, NameError::Kind::kUnknown);
  EXPECT_EQ(message("host nobody", patient_).find("unknown host 'nobody'"), 0U);
  EXPECT_EQ(message("net nowhere", patient_).find("unknown network 'nowhere'"), 0U);
  EXPECT_EQ(message("ether host nobody", patient_).find("unknown ether host 'nobody'"), 0U);
  EXPECT_EQ(message("gateway nobody", patient_).find("unknown ether host 'nobody'"), 0U);
  EXPECT_EQ(message("port nothing", patient_).find("unknown port 'nothing'"), 0U);
  EXPECT_EQ(message("portrange nothing-80", patient_).find("unknown port 'nothing'"), 0U);
  EXPECT_EQ(message("ip proto \\nothing", patient_).find("unknown protocol 'nothing'"), 0U);
}

// One file missing beside the others.
TEST_F(SlowNames, OfOneMissingFile) {
  const Contents all = {
      {"nsswitch.conf", "hosts: files\nnetworks: files\nservices: files\nprotocols: files\n"},
      {"hosts", "10.1.2.3 known\n"},
      {"ethers", "0:1:2:3:4:5 known\n"},
      {"networks", "known 10\n"},
      {"services", "known 80/tcp\n"},
      {"protocols", "known 6\n"}};
  const std::map<std::string, std::pair<const char*, const char*>> filters = {
      {"hosts", {"host known", "unknown host 'known'"}},
      {"ethers", {"ether host known", "unknown ether host 'known'"}},
      {"networks", {"net known", "unknown network 'known'"}},
      {"services", {"port known", "unknown port 'known'"}},
      {"protocols", {"proto known", "unknown protocol 'known'"}}};
  for (const auto& [missing, unused] : all) {
    Contents rest = all;
    rest.erase(missing);
    const Files files(rest);
    const testing::PrivateEtc etc(files.path());
    for (const auto& [file, filter] : filters) {
      const std::string expected = file == missing ? filter.second : "compiles";
      EXPECT_EQ(message(filter.first, patient_).find(expected), 0U)
          << filter.first << " without " << missing;
    }
  }
}

}  // namespace
}  // namespace bpfc
