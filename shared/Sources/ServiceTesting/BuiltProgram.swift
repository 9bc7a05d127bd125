/// The path of a program of the package under test: it is built beside the program that holds the tests.
public func builtProgram(_ name: String) -> String {
    let tests = CommandLine.unsafeArgv[0].map { String(cString: $0) } ?? ""
    return "/" + (tests.split(separator: "/").dropLast() + [name[...]]).joined(separator: "/")
}
