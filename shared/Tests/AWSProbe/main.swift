import Glibc

// What the tests in Python ask of the module AWS.
//
//   aws-probe sign           signs requests: a line of JSON in, a line of JSON out
//   aws-probe send           signs and sends them: a line of JSON in, a status out

switch CommandLine.arguments.dropFirst().first {
case "sign": try signLines()
case "send": try sendLines()
default:
    print("aws-probe sign|send")
    exit(2)
}
