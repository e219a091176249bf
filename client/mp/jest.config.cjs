module.exports = { rootDir: __dirname, testEnvironment: "jsdom", testMatch: ["**/*.test.cjs"], setupFiles: ["./platform.cjs"], testEnvironmentOptions: { customExportConditions: ["node"] } };
