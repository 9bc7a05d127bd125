import Glibc

// What the tests in Python ask of the module AWS.
//
//   aws-probe sign                     signs requests: a line of JSON in, a line of JSON out
//   aws-probe send                     signs and sends them: a line of JSON in, a status out
//   aws-probe credentials [PROFILE]    the credentials of this environment, as JSON
//   aws-probe watch SECONDS            the name of each key that it gets in this time
//   aws-probe identity                 who it is to AWS

let words = CommandLine.arguments.dropFirst()
do {
    switch (words.first, words.dropFirst().first) {
    case ("sign", _): try signLines()
    case ("send", _): try sendLines()
    case ("credentials", let profile): try printCredentials(profile: profile)
    case ("watch", let seconds?): watchCredentials(seconds: Int(seconds) ?? 0)
    case ("identity", _): print(try session().callerIdentity().arn)
    default:
        print("aws-probe sign|send|credentials|watch|identity")
        exit(2)
    }
} catch {
    let text = "\(error)\n"
    write(STDERR_FILENO, text, text.utf8.count)
    exit(1)
}
