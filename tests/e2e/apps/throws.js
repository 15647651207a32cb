console.log("about to fail");
throw new Error("this app is broken");
