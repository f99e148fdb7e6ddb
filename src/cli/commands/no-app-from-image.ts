/** The result of a command for all apps that are made from images, where there are none. */
export const noAppFromImage = 'There is no app that is made from a docker image.';
