/// The version of the whole suite: its services are built and released together.
public let suiteVersion = "0.1.0"
